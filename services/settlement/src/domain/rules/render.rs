//! The result files of a run (`SETTLEMENT.md`, Result files).

use std::fmt::{self, Write};

use super::result::{EnterpriseResult, Exclusion, Line};

/// `enterprises.csv`. No field ever needs quotes: codes, ids and numbers hold none of `,"\n`.
#[must_use]
pub fn enterprises_csv(rows: &[EnterpriseResult]) -> String {
    table(
        "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen",
        rows,
        |out, row| {
            let EnterpriseResult {
                uscc,
                uncapped_fen,
                entitled_fen,
                granted_before_fen,
                due_fen,
                granted_fen,
                unfunded_fen,
            } = row;
            writeln!(
                out,
                "{uscc},{uncapped_fen},{entitled_fen},{granted_before_fen},{due_fen},{granted_fen},{unfunded_fen}"
            )
        },
    )
}

/// The table `lines.csv`.
#[must_use]
pub fn lines_csv(rows: &[Line]) -> String {
    table(
        "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen",
        rows,
        |out, row| {
            let Line {
                uscc,
                platform_id,
                fee_kind,
                fee_fen,
                government_fen,
                platform_fen,
                enterprise_fen,
            } = row;
            writeln!(
                out,
                "{uscc},{platform_id},{fee_kind},{fee_fen},{government_fen},{platform_fen},{enterprise_fen}"
            )
        },
    )
}

/// The table `exclusions.csv`.
#[must_use]
pub fn exclusions_csv(rows: &[Exclusion]) -> String {
    table(
        "reason,fee_fen",
        rows,
        |out, Exclusion { reason, fee_fen }| writeln!(out, "{reason},{fee_fen}"),
    )
}

fn table<T>(header: &str, rows: &[T], write: impl Fn(&mut String, &T) -> fmt::Result) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        write(&mut text, row).expect("a string takes all that is written to it");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::settlement;

    #[test]
    fn files_have_a_header_and_a_line_a_row() {
        let settlement = settlement();
        assert_eq!(
            enterprises_csv(&settlement.enterprises),
            "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen\n"
        );
        assert_eq!(
            lines_csv(&settlement.lines),
            "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen\n91330100799655058B,alpha-mall,COMMISSION,100,30,5,65\n"
        );
        assert_eq!(
            exclusions_csv(&settlement.exclusions),
            "reason,fee_fen\nNOT_ENROLLED,-7\n"
        );
    }
}
