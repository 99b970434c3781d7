//! Lists, which come in pages.

use tonic::Status;

/// Reads all pages of a list: `fetch` gets a page token, and returns rows with the next token.
pub async fn pages<T, E: From<Status>>(
    fetch: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>,
    mut each: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut token = String::new();
    loop {
        let (rows, next) = fetch(token.clone()).await?;
        rows.into_iter().try_for_each(&mut each)?;
        if next.is_empty() {
            return Ok(());
        }
        if next == token {
            return Err(Status::internal("a list does not go on after its page").into());
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn pages_are_read_to_the_end_and_never_in_a_circle() {
        let mut seen = Vec::new();
        let fetch = async |token: String| {
            let next = if token.is_empty() { "b" } else { "" };
            Ok((vec![token.len()], next.to_owned()))
        };
        pages(fetch, |row| {
            seen.push(row);
            Ok::<_, Status>(())
        })
        .await
        .unwrap();
        assert_eq!(seen, [0, 1]);

        let circle = async |_| Ok((vec![()], "same".to_owned()));
        let refused = pages(circle, |()| Ok::<_, Status>(())).await.unwrap_err();
        assert_eq!(refused.code(), Code::Internal);
    }
}
