//! What is read before a transaction, and may change before that holds it.

use super::AppError;

/// How often it is read again, before those who change it are let go first.
const ATTEMPTS_MAX: u32 = 4;

/// Tries until nothing changed meanwhile, of which an attempt comes to `None`.
pub async fn until_unchanged<T, F>(attempt: impl Fn() -> F) -> Result<T, AppError>
where
    F: Future<Output = Result<Option<T>, AppError>>,
{
    for _ in 0..ATTEMPTS_MAX {
        if let Some(done) = attempt().await? {
            return Ok(done);
        }
    }
    Err(AppError::Overloaded)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What comes of it, and after how many attempts, where so many find a change.
    async fn changed(times: u32) -> (Result<&'static str, AppError>, u32) {
        let attempts = Cell::new(0);
        let done = until_unchanged(|| async {
            attempts.set(attempts.get() + 1);
            Ok((attempts.get() > times).then_some("done"))
        });
        (done.await, attempts.get())
    }

    #[tokio::test]
    async fn what_changes_is_read_again_and_not_for_ever() {
        assert!(matches!(changed(0).await, (Ok("done"), 1)));
        assert!(matches!(changed(3).await, (Ok("done"), 4)));
        let given_up = changed(4).await;
        assert!(matches!(given_up, (Err(AppError::Overloaded), 4)));
    }
}
