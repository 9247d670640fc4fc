//! How long the queue of a listening socket may get, as the kernel has it (sock_diag(7)).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{
    ExtensionFlags, InetRequest, InetResponse, SocketId, StateFlags,
};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_SOCK_DIAG;

/// The system's limit for it.
const LIMIT_FILE: &str = "/proc/sys/net/core/somaxconn";

/// What `listen` was called with, after the system's limit, in connections: the least of all sockets
/// that take connections to `address`. Nothing where none of this machine (and network namespace)
/// does.
///
/// # Errors
/// When the kernel does not tell.
pub fn listen_backlog(address: SocketAddr) -> io::Result<Option<u32>> {
    // Only an address of this machine can be bound.
    if UdpSocket::bind((address.ip(), 0)).is_err() {
        return Ok(None);
    }
    // Of a listening socket this is the most that wait to be accepted.
    let backlogs = sockets_at(address, StateFlags::LISTEN)?;
    Ok(backlogs.iter().map(|socket| socket.header.send_queue).min())
}

/// The TCP sockets of this machine whose own end is `address`, also through an address that stands
/// for any, in one of `states`.
pub(crate) fn sockets_at(address: SocketAddr, states: StateFlags) -> io::Result<Vec<InetResponse>> {
    let families = match address.ip() {
        IpAddr::V4(_) => &[(AF_INET, IpAddr::from([0; 4])), (AF_INET6, IpAddr::from([0; 16]))][..],
        IpAddr::V6(_) => &[(AF_INET6, IpAddr::from([0; 16]))],
    };
    let mut found = Vec::new();
    for &(family, any) in families {
        found.extend(sockets(family, states.clone())?.into_iter().filter(|socket| {
            let id = &socket.header.socket_id;
            // A socket of the newer family shows the older one's addresses within its own.
            let own = id.source_address.to_canonical();
            id.source_port == address.port() && (own == address.ip() || own == any)
        }));
    }
    Ok(found)
}

/// The longest that the system allows, in connections.
///
/// # Errors
/// When it cannot be read.
pub fn longest_backlog() -> io::Result<u32> {
    let text = std::fs::read_to_string(LIMIT_FILE)?;
    text.trim().parse().map_err(|_| io::Error::other(format!("{LIMIT_FILE} holds {text:?}")))
}

/// All TCP sockets of a family in one of `states`.
fn sockets(family: u8, states: StateFlags) -> io::Result<Vec<InetResponse>> {
    let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
    socket.bind_auto()?;
    socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
    socket.send(&request(family, states), 0)?;
    let mut found = Vec::new();
    loop {
        let (datagram, _) = socket.recv_from_full()?;
        let mut rest = &datagram[..];
        while !rest.is_empty() {
            let message = NetlinkMessage::<SockDiagMessage>::deserialize(rest)
                .map_err(|error| io::Error::other(format!("sock_diag answers {error}")))?;
            let length = message.header.length as usize;
            match message.payload {
                NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(one)) => {
                    found.push(*one);
                }
                NetlinkPayload::Done(_) => return Ok(found),
                NetlinkPayload::Error(error) => return Err(error.to_io()),
                _ => {}
            }
            // Each begins at a multiple of four (netlink(7), NLMSG_ALIGN).
            rest = rest.get(length.max(1).next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

fn request(family: u8, states: StateFlags) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let socket_id = if family == AF_INET { SocketId::new_v4() } else { SocketId::new_v6() };
    let request = InetRequest {
        family,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::empty(),
        states,
        socket_id,
    };
    let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use rustix::net::listen;

    use super::*;

    #[test]
    fn the_backlog_is_the_one_that_was_asked_for_within_the_limit() {
        let longest = longest_backlog().expect("readable");
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let listener = TcpListener::bind(address).expect("bound");
            let port = listener.local_addr().expect("known").port();
            for asked in [5, 128, 1 << 30] {
                listen(&listener, asked).expect("listening");
                let found = listen_backlog(([127, 0, 0, 1], port).into()).expect("told");
                assert_eq!(
                    found,
                    Some(u32::try_from(asked).expect("small").min(longest)),
                    "{address}"
                );
            }
        }
    }

    #[test]
    fn where_nobody_listens_there_is_none() {
        let address = {
            let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
            listener.local_addr().expect("known")
        };
        // What another test starts has this socket too, until it is another program.
        let deadline = Instant::now() + Duration::from_secs(20);
        while listen_backlog(address).expect("told").is_some() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(listen_backlog(address).expect("told"), None);
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 80));
        assert_eq!(listen_backlog(elsewhere).expect("told"), None);
    }

    /// With one listener for each worker, the shortest queue is the one that overflows.
    #[test]
    fn of_several_sockets_the_least_counts() {
        let reusing = || {
            use rustix::net::{AddressFamily, SocketType, bind, socket, sockopt};
            let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("made");
            sockopt::set_socket_reuseport(&socket, true).expect("set");
            (socket, |socket: &_, address: SocketAddr| bind(socket, &address).expect("bound"))
        };
        let ((first, bind), (second, _)) = (reusing(), reusing());
        bind(&first, SocketAddr::from(([127, 0, 0, 1], 0)));
        listen(&first, 64).expect("listening");
        let address = SocketAddr::try_from(rustix::net::getsockname(&first).expect("known"));
        let address = address.expect("an internet address");
        bind(&second, address);
        listen(&second, 7).expect("listening");
        assert_eq!(listen_backlog(address).expect("told"), Some(7));
    }
}
