//! How one enterprise's part in a run came about, step by step.

mod fees;
mod finding;
mod follow;

pub use finding::{
    BudgetFinding, ClaimFinding, ComponentFinding, Explanation, FeeFinding, SizeFinding,
};
pub use follow::explain;

#[cfg(test)]
mod tests;
