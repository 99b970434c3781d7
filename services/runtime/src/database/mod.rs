//! How a service reaches its PostgreSQL.
//!
//! A password that comes from a file may change while the service runs: new connections use what
//! the file has then.
//!
//! Every write runs in an explicit transaction inside [`detach`](crate::detach); a connection is
//! proved and cleaned before each use, so that nothing of an earlier user is left on it.

mod access;
mod connect;
mod migrate;
mod pool;
mod retry;
mod schema;
mod watch;

pub(crate) use access::check as check_access;
pub use connect::ConnectError;
pub use migrate::migrate;
pub(crate) use migrate::migrate_as;
pub use pool::{connect, open, start};
pub use retry::retry_serialization;
pub use watch::watch;
