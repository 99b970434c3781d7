//! The lines of one enterprise: each component's change, split between those who bear it
//! (`SETTLEMENT.md`, Split).

use gazelle_kernel::Fen;

use super::{
    entitlement::{Claim, Component},
    error::SettleError,
    overflow::{Overflow, final_difference, final_value},
    result::Line,
    split,
};

/// Adds those that say something.
pub(super) fn push_lines(
    lines: &mut Vec<Line>,
    claim: &Claim,
    granted: Fen,
) -> Result<(), SettleError> {
    let open: Vec<Fen> = claim
        .components
        .iter()
        .map(|component| component.open_fen)
        .collect();
    let parts = split::spread(granted, &open).map_err(|source| SettleError::PriorContradicts {
        uscc: claim.uscc,
        source,
    })?;
    for (component, government) in claim.components.iter().zip(parts) {
        let line = line(claim, component, government)?;
        if line.says_something() {
            lines.push(line);
        }
    }
    Ok(())
}

/// Fee and platform part as the change since the run before, what the government gives now, and
/// the rest, which the enterprise bears.
fn line(claim: &Claim, component: &Component, government_fen: Fen) -> Result<Line, Overflow> {
    let Component {
        eligible_fen,
        before,
        ..
    } = component;
    let fee_fen = final_difference("a line", *eligible_fen, before.fee_fen)?;
    let platform_fen = final_difference("a line", component.platform_fen, before.platform_fen)?;
    let enterprise = fee_fen.wide() - government_fen.wide() - platform_fen.wide();
    Ok(Line {
        uscc: claim.uscc,
        platform_id: component.platform_id.clone(),
        fee_kind: component.fee_kind.clone(),
        fee_fen,
        government_fen,
        platform_fen,
        enterprise_fen: final_value("a line", enterprise)?,
    })
}
