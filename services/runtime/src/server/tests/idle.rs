//! Connections on which nothing is under way.

use std::num::NonZeroU32;

use super::*;

fn idle_for_a_second(server: &mut Server) {
    server.limits.idle_max_s = NonZeroU32::MIN;
}

#[tokio::test]
async fn a_call_that_takes_longer_than_a_connection_may_be_idle_is_answered() {
    let running = start_with(idle_for_a_second).await;
    let call = running.call().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    running.slow.released.notify_one();
    let status = timeout(FOREVER, call).await.unwrap().unwrap();
    assert_eq!(status.message(), "finished");
    running.shutdown.cancel();
    running.stopped().await;
}
