//! Long work of which its caller hears that it goes on.

use std::{future::Future, pin::pin, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, interval_at},
};

/// How long a stream whose work goes on is silent: what stands between ends those that are so for a
/// minute.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Does `work` to its end, also where nobody listens any more, and sends what `say` gives every
/// 10 s until then.
pub async fn told_of<T, W>(
    work: impl Future<Output = T>,
    sender: &mpsc::Sender<W>,
    say: impl Fn() -> W,
) -> T {
    let mut work = pin!(work);
    let mut ticks = interval_at(Instant::now() + SILENCE_MAX, SILENCE_MAX);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                // A reader who has no room for it has something to read yet.
                let _ = sender.try_send(say());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_is_told_of_every_10_s_and_ends_though_nobody_reads() {
        let (sender, mut receiver) = mpsc::channel(2);
        let work = async {
            sleep(Duration::from_secs(29)).await;
            7
        };
        assert_eq!(told_of(work, &sender, || "on").await, 7);
        assert_eq!(receiver.recv().await, Some("on"));
        assert_eq!(receiver.recv().await, Some("on"));
        drop(sender);
        assert_eq!(receiver.recv().await, None);

        for is_gone in [false, true] {
            let (sender, receiver) = mpsc::channel(1);
            let reader = (!is_gone).then_some(receiver);
            told_of(sleep(Duration::from_secs(100)), &sender, || "on").await;
            drop(reader);
        }
    }
}
