//! Requests to Envoy: over so many connections that are kept, with one on its way on each.
//!
//! One thread goes from connection to connection, takes the answer and asks again. As long as that
//! costs it less than Envoy, Envoy always has something to do, and nobody pipelines.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Failure;

/// Enough that Envoy does not wait, and few enough that it serves them from its caches.
pub const CONNECTIONS: usize = 16;

/// Loopback answers at once, or never.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connections to one listener.
pub struct Load<'r> {
    connections: Vec<TcpStream>,
    requests: &'r [Vec<u8>],
    next: usize,
}

/// The bytes of one request with this token.
pub fn request(token: &str) -> Vec<u8> {
    let line = "GET / HTTP/1.1\r\nHost: gateway.example\r\nAuthorization: Bearer ";
    format!("{line}{token}\r\n\r\n").into_bytes()
}

/// The status of the answer to one request, on a connection of its own.
pub fn status(listener: SocketAddr, request: &[u8]) -> Result<u16, Failure> {
    let mut connection = connect(listener)?;
    connection.write_all(request)?;
    let mut buffer = [0; 4_096];
    let head = read_head(&mut connection, &mut buffer)?;
    let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    Ok(status.ok_or("Envoy's answer has no status")?.parse()?)
}

impl<'r> Load<'r> {
    pub fn new(listener: SocketAddr, requests: &'r [Vec<u8>]) -> Result<Self, Failure> {
        let connections = (0..CONNECTIONS).map(|_| connect(listener));
        Ok(Self { connections: connections.collect::<Result<_, _>>()?, requests, next: 0 })
    }

    /// So many requests, which go on through all of them, and each is to be answered by 200.
    pub fn run(&mut self, count: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let mut buffer = [0; 4_096];
        let (mut sent, mut answered) = (0, 0);
        while answered < count {
            for connection in &mut self.connections {
                // The first time round there is no answer to wait for.
                if sent >= CONNECTIONS && answered < count {
                    let head = read_head(connection, &mut buffer)?;
                    if !head.starts_with(b"HTTP/1.1 200 ") {
                        return Err("Envoy refused a good token while timed".into());
                    }
                    answered += 1;
                }
                if sent < count {
                    connection.write_all(&self.requests[self.next])?;
                    // A stride that is prime to any power of two: all of them in turn, and none
                    // beside the last.
                    self.next = (self.next + 1_021) % self.requests.len();
                    sent += 1;
                }
            }
        }
        Ok(start.elapsed())
    }
}

fn connect(listener: SocketAddr) -> Result<TcpStream, Failure> {
    let connection = TcpStream::connect(listener)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    Ok(connection)
}

/// The head of an answer; those that count have no body.
fn read_head<'b>(from: &mut TcpStream, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
    let mut length = 0;
    loop {
        let more = from.read(&mut buffer[length..])?;
        if more == 0 {
            return Err("Envoy closed the connection, or said too much".into());
        }
        length += more;
        if buffer[..length].windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(&buffer[..length]);
        }
    }
}
