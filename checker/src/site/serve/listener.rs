//! The port that the book is served on.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::ServeError;

/// The port to try when none is asked for.
const USUAL: u16 = 3000;

/// Binds the port that was asked for; otherwise the usual one, or any free one if that is taken.
pub(super) async fn bind(port: Option<u16>) -> Result<TcpListener, ServeError> {
    let tried = port.unwrap_or(USUAL);
    let error = match listen(tried).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    if port.is_none() && error.kind() == io::ErrorKind::AddrInUse {
        return Ok(listen(0).await?);
    }
    Err(ServeError::Bind {
        port: tried,
        source: error,
    })
}

async fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}
