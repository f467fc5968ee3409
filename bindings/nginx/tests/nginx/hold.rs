//! A way to a TLS server on which early data is early for certain.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// A port whose next connection goes on to `server`, up to the first record of application data, which is early
/// data. What the client sends behind it, the end of its handshake, is held back until the server has closed:
/// otherwise it may have arrived by the time the server reads, and then nothing was early (RFC 8446 section
/// 4.2.10).
pub(crate) fn hold_handshake(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        let (client, _) = listener.accept()?;
        let server = TcpStream::connect(("127.0.0.1", server))?;
        let (mut answers, mut to_client) = (server.try_clone()?, client.try_clone()?);
        let back = thread::spawn(move || {
            let copied = io::copy(&mut answers, &mut to_client);
            // The client, too, is told that this is over.
            let _ = to_client.shutdown(Shutdown::Both);
            copied
        });
        pass_early(client, server)?;
        back.join().expect("copies to the end")
    });
    port
}

/// RFC 8446 section 5.1: one byte of type, two of version, two of length.
fn pass_early(mut client: TcpStream, mut server: TcpStream) -> io::Result<()> {
    const APPLICATION_DATA: u8 = 23;
    loop {
        let mut record = vec![0; 5];
        client.read_exact(&mut record)?;
        record.resize(5 + usize::from(u16::from_be_bytes([record[3], record[4]])), 0);
        client.read_exact(&mut record[5..])?;
        server.write_all(&record)?;
        if record[0] == APPLICATION_DATA {
            return Ok(());
        }
    }
}
