//! The sockets of a server, and the bytes that come through them: over the network, or within the machine.
//!
//! May use: tokio, files. Invariant: a file that a server listens at is gone when it stops listening, and no file but a socket that
//! nobody listens at is ever replaced.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A socket that accepts connections.
#[derive(Debug)]
pub struct Listening {
    pub(super) socket: Socket,
    /// How it speaks TLS, if it does.
    pub(super) tls: Option<Arc<ServerConfig>>,
}

/// What accepts connections.
#[derive(Debug)]
pub(super) enum Socket {
    /// A port.
    Tcp(TcpListener),
    /// A file, with what removes it.
    Unix(UnixListener, #[expect(dead_code, reason = "dropped, it removes the file")] SocketFile),
}

impl Listening {
    /// A socket at a port.
    pub fn at_port(socket: TcpListener, tls: Option<&Arc<ServerConfig>>) -> Self {
        Listening { socket: Socket::Tcp(socket), tls: tls.cloned() }
    }

    /// A socket in a file. What a former server left there is replaced.
    ///
    /// # Errors
    /// Somebody listens there, it is no socket, or the system refuses.
    pub fn at_file(path: &Path, tls: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        make_room(path)?;
        let socket = UnixListener::bind(path)?;
        let file = SocketFile { path: path.to_owned(), inode: fs::symlink_metadata(path)?.ino() };
        Ok(Listening { socket: Socket::Unix(socket, file), tls: tls.cloned() })
    }

    pub(super) async fn accept(&self) -> io::Result<Wire> {
        match &self.socket {
            Socket::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                // A small answer must not wait for the acknowledgement of the last one.
                let _ = stream.set_nodelay(true);
                Ok(Wire::Tcp(stream))
            }
            Socket::Unix(socket, _) => Ok(Wire::Unix(socket.accept().await?.0)),
        }
    }
}

/// Removes a socket that nobody listens at.
fn make_room(path: &Path) -> io::Result<()> {
    let about = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        about => about?,
    };
    if !about.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another server listens there")),
    }
}

/// The file of a socket; dropped, it is removed, unless another one has taken its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    inode: u64,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|about| about.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// An accepted connection.
#[derive(Debug)]
pub(super) enum Wire {
    /// At a port.
    Tcp(TcpStream),
    /// At a file.
    Unix(UnixStream),
}

/// Does the same with either stream.
macro_rules! with_stream {
    ($wire:expr, $stream:ident => $work:expr) => {
        match $wire {
            Wire::Tcp($stream) => $work,
            Wire::Unix($stream) => $work,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        with_stream!(&mut *self, stream => Pin::new(stream).poll_read(context, bytes))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        with_stream!(&mut *self, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(&mut *self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(&mut *self, stream => Pin::new(stream).poll_shutdown(context))
    }

    fn is_write_vectored(&self) -> bool {
        with_stream!(self, stream => stream.is_write_vectored())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        with_stream!(&mut *self, stream => Pin::new(stream).poll_write_vectored(context, pieces))
    }
}
