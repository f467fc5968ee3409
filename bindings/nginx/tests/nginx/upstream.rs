//! An upstream that answers with the head of the request that it got.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// HTTP, FastCGI, uwsgi or SCGI; ends when this goes.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    is_over: Arc<AtomicBool>,
}

impl Upstream {
    /// Answers HTTP/1 requests with their own head.
    pub(crate) fn http() -> Self {
        Self::serve(|stream| {
            let mut reader = BufReader::new(stream.try_clone()?);
            let mut head = String::new();
            while reader.read_line(&mut head)? > 2 {}
            let length = head.len();
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n{head}")
        })
    }

    /// Answers FastCGI requests with their parameters, one `NAME=value` a line.
    pub(crate) fn fastcgi() -> Self {
        Self::serve(|stream| {
            let mut parameters = Vec::new();
            loop {
                let mut header = [0; 8];
                stream.read_exact(&mut header)?;
                let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
                let mut content = vec![0; length + usize::from(header[6])];
                stream.read_exact(&mut content)?;
                match header[1] {
                    4 => parameters.extend_from_slice(&content[..length]),
                    5 if length == 0 => break,
                    _ => {}
                }
            }
            let mut page = b"Content-Type: text/plain\r\n\r\n".to_vec();
            page.extend_from_slice(named(&parameters).as_bytes());
            let length = u16::try_from(page.len()).expect("a short page").to_be_bytes();
            stream.write_all(&[1, 6, 0, 1, length[0], length[1], 0, 0])?;
            stream.write_all(&page)?;
            stream.write_all(&[1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0])?;
            stream.write_all(&[0; 8])
        })
    }

    /// Answers uwsgi requests with their variables, as [`Upstream::fastcgi`] does.
    pub(crate) fn uwsgi() -> Self {
        Self::serve(|stream| {
            let mut header = [0; 4];
            stream.read_exact(&mut header)?;
            let mut variables = vec![0; usize::from(u16::from_le_bytes([header[1], header[2]]))];
            stream.read_exact(&mut variables)?;
            let mut page = String::new();
            let mut rest = &variables[..];
            let mut is_value = false;
            while let [low, high, text @ ..] = rest {
                let (text, behind) = text.split_at(usize::from(u16::from_le_bytes([*low, *high])));
                page += &String::from_utf8_lossy(text);
                page.push(if is_value { '\n' } else { '=' });
                (rest, is_value) = (behind, !is_value);
            }
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len())
        })
    }

    /// Answers SCGI requests likewise: a netstring of names and values, each with a NUL behind it.
    pub(crate) fn scgi() -> Self {
        Self::serve(|stream| {
            let mut reader = BufReader::new(stream.try_clone()?);
            let mut length = Vec::new();
            reader.read_until(b':', &mut length)?;
            let digits = String::from_utf8_lossy(&length);
            let length = digits.trim_end_matches(':').parse().map_err(std::io::Error::other)?;
            let mut variables = vec![0; length];
            reader.read_exact(&mut variables)?;
            let texts: Vec<_> = variables.split(|byte| *byte == 0).collect();
            let mut page = String::new();
            for pair in texts.chunks_exact(2) {
                let [name, value] = [pair[0], pair[1]].map(String::from_utf8_lossy);
                page += &format!("{name}={value}\n");
            }
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len())
        })
    }

    fn serve(answer: fn(&mut TcpStream) -> std::io::Result<()>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::Relaxed) {
                    break;
                }
                // A client that goes away is no failure of the upstream.
                let _ = stream.and_then(|mut stream| answer(&mut stream));
            }
        });
        Self { port, is_over }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// FastCGI's pairs: two lengths of one or four bytes, then both texts.
fn named(mut bytes: &[u8]) -> String {
    let mut page = String::new();
    let length = |bytes: &mut &[u8]| {
        let first = bytes[0];
        let (length, used) = match first & 0x80 {
            0 => (usize::from(first), 1),
            _ => {
                let long = [first & 0x7f, bytes[1], bytes[2], bytes[3]];
                (u32::from_be_bytes(long) as usize, 4)
            }
        };
        *bytes = &bytes[used..];
        length
    };
    while !bytes.is_empty() {
        let (name, value) = (length(&mut bytes), length(&mut bytes));
        let (pair, rest) = bytes.split_at(name + value);
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        page.push_str(&format!("{}={}\n", text(&pair[..name]), text(&pair[name..])));
        bytes = rest;
    }
    page
}
