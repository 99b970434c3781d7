//! Lists, read whole.

use gazelle_client::pages::pages;
use tonic::Status;

/// All rows of a list, of however many pages: `fetch` gets a page token, and returns rows with the
/// next token.
pub async fn whole<T>(
    fetch: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>,
) -> Result<Vec<T>, Status> {
    let mut all = Vec::new();
    pages(fetch, |row| {
        all.push(row);
        Ok::<_, Status>(())
    })
    .await?;
    Ok(all)
}
