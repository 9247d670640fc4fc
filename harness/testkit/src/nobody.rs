//! An address at which nobody listens.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port of loopback that is taken and at which nobody listens, as long as this lives. One that was free a
/// moment ago may be somebody else's by now.
#[derive(Debug)]
pub struct Nobody {
    _socket: Socket,
    address: SocketAddr,
}

impl Nobody {
    /// Takes a port.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn listens() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&any.into()).expect("a free port on 127.0.0.1");
        let address = socket.local_addr().expect("bound").as_socket().expect("of IP");
        Self { _socket: socket, address }
    }

    /// Where.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::Nobody;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn connections_are_refused_and_the_port_is_taken() {
        let nobody = Nobody::listens();
        let refused = TcpStream::connect(nobody.address()).expect_err("nobody");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let taken = TcpListener::bind(nobody.address()).expect_err("taken");
        assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    }
}
