//! Objections to what a published run grants, and what an upheld one does to the result.

use gazelle_kernel::{Actor, Fen, Instant, Uscc};

use super::rules::{
    error::SettleError,
    overflow::Overflow,
    result::{Line, Settlement},
};

/// Longest statement or decision, in characters.
pub const TEXT_CHARACTERS_MAX: usize = 2_000;

/// An objection to what a published run grants an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The enterprise whose grant it is about.
    pub uscc: Uscc,
    /// What is objected to.
    pub statement: String,
    pub raised_by: Actor,
    pub raised_at: Instant,
    /// What came of it; while there is none the run can't be approved.
    pub decision: Option<Decision>,
}

/// What came of an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Upheld: nothing is granted in this run. Else dismissed: the grant stands.
    pub upheld: bool,
    pub text: String,
    pub by: Actor,
    pub at: Instant,
}

/// Why an objection is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectionError {
    /// Only a positive grant can be objected to; a clawback is corrected in the data.
    #[error("the run grants the enterprise nothing that could be objected to")]
    NothingGranted,
    /// It was decided before.
    #[error("the objection is decided already")]
    Decided,
    /// There is nothing to read, or too much.
    #[error("a text of 1 to {TEXT_CHARACTERS_MAX} characters is expected")]
    TextLength,
    /// The result did not add up after it.
    #[error("the result does not add up without the grant")]
    Result(#[source] SettleError),
}

/// What is to be decided about an objection.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// Upheld: the run grants the enterprise nothing. Else dismissed.
    pub upheld: bool,
    pub decision: String,
}

impl Objection {
    /// An objection against a grant.
    pub fn raise(
        uscc: Uscc,
        granted: Fen,
        statement: String,
        by: Actor,
        at: Instant,
    ) -> Result<Self, ObjectionError> {
        if granted <= Fen::ZERO {
            return Err(ObjectionError::NothingGranted);
        }
        check_text(&statement)?;
        Ok(Self {
            uscc,
            statement,
            raised_by: by,
            raised_at: at,
            decision: None,
        })
    }

    /// Whether it waits for a decision.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.decision.is_none()
    }

    /// Decides it. The result then changes by [`uphold`] if it is upheld.
    pub fn decide(
        self,
        upheld: bool,
        text: String,
        by: Actor,
        at: Instant,
    ) -> Result<Self, ObjectionError> {
        if !self.is_open() {
            return Err(ObjectionError::Decided);
        }
        check_text(&text)?;
        Ok(Self {
            decision: Some(Decision {
                upheld,
                text,
                by,
                at,
            }),
            ..self
        })
    }
}

fn check_text(text: &str) -> Result<(), ObjectionError> {
    let length = text.trim().chars().count();
    if (1..=TEXT_CHARACTERS_MAX).contains(&length) {
        Ok(())
    } else {
        Err(ObjectionError::TextLength)
    }
}

/// The result after an upheld objection (`SETTLEMENT.md`, Split): nothing is granted to the
/// enterprise and nothing moved between its components. All of its due is unfunded, and due again
/// in the next run; the money is not handed to others in this one.
pub fn uphold(mut settlement: Settlement, uscc: &Uscc) -> Result<Settlement, ObjectionError> {
    let broken = |error: SettleError| ObjectionError::Result(error);
    let row = settlement
        .enterprises
        .iter_mut()
        .find(|row| row.uscc == *uscc && row.granted_fen > Fen::ZERO);
    let row = row.ok_or(ObjectionError::NothingGranted)?;
    row.granted_fen = Fen::ZERO;
    row.unfunded_fen = row.due_fen;
    for line in settlement
        .lines
        .iter_mut()
        .filter(|line| line.uscc == *uscc)
    {
        let enterprise = line.enterprise_fen.checked_add(line.government_fen);
        line.enterprise_fen = enterprise.ok_or_else(|| broken(Overflow("a line").into()))?;
        line.government_fen = Fen::ZERO;
    }
    settlement.lines.retain(Line::says_something);
    settlement
        .add_up()
        .map_err(|overflow| broken(overflow.into()))?;
    settlement.check().map_err(|error| broken(error.into()))?;
    Ok(settlement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{
            binding, enrollment, enterprise, fee, instant, kind, period, platform, terms, uscc,
            year,
        },
        program::Program,
        rules::facts::Facts,
        rules::inputs::{Inputs, PriorLine},
        rules::settle::settle,
    };

    /// The first enterprise is due 50 for commissions after it lost 30 of memberships; the second
    /// is due 20.
    fn settlement(prior: &[PriorLine]) -> Settlement {
        let program = Program::new(terms("share")).expect("a program");
        let bindings = vec![binding("alpha", 0), binding("alpha", 1)];
        let facts = Facts::new(
            vec![enterprise(0), enterprise(1)],
            bindings,
            vec![enrollment(0), enrollment(1)],
        )
        .expect("facts");
        let totals = [
            fee("alpha", 0, "COMMISSION", "2017-01-02", 160),
            fee("alpha", 1, "COMMISSION", "2017-01-02", 40),
        ];
        let inputs = Inputs {
            program: &program,
            others: &[],
            year: year(2017),
            through: period("2017-01"),
            totals: &totals.into_iter().collect(),
            facts: &facts,
            leaves_out: false,
            prior,
        };
        settle(&inputs).expect("a settlement")
    }

    fn lost() -> PriorLine {
        PriorLine {
            uscc: uscc(0),
            platform_id: platform("alpha"),
            fee_kind: kind("MEMBERSHIP"),
            fee_fen: Fen::ZERO,
            government_fen: Fen::new(30),
            platform_fen: Fen::ZERO,
        }
    }

    fn lines(settlement: &Settlement) -> Vec<(Uscc, String, [i64; 4])> {
        let figures = |line: &Line| {
            [
                line.fee_fen,
                line.government_fen,
                line.platform_fen,
                line.enterprise_fen,
            ]
            .map(Fen::get)
        };
        settlement
            .lines
            .iter()
            .map(|line| (line.uscc, line.fee_kind.to_string(), figures(line)))
            .collect()
    }

    #[test]
    fn an_upheld_objection_grants_and_moves_nothing_and_leaves_others_alone() {
        let before = settlement(&[lost()]);
        let commission = |at, figures| (uscc(at), "COMMISSION".to_owned(), figures);
        let other = commission(1, [40, 20, 4, 16]);
        assert_eq!(
            lines(&before),
            [
                commission(0, [160, 80, 16, 64]),
                (uscc(0), "MEMBERSHIP".into(), [0, -30, 0, 30]),
                other.clone()
            ]
        );

        let after = uphold(before.clone(), &uscc(0)).expect("upheld");

        assert_eq!(lines(&after), [commission(0, [160, 0, 16, 144]), other]);
        let row = &after.enterprises[0];
        assert_eq!(
            [row.due_fen, row.granted_fen, row.unfunded_fen].map(Fen::get),
            [50, 0, 50]
        );
        assert_eq!(after.enterprises[1], before.enterprises[1]);
        assert_eq!(
            [
                after.totals.granted_fen,
                after.totals.unfunded_fen,
                after.totals.line_government_fen
            ]
            .map(Fen::get),
            [20, 50, 20]
        );
        assert_eq!(after.exclusions, before.exclusions);
    }

    #[test]
    fn only_a_positive_grant_can_be_objected_to() {
        let raise = |granted| {
            Objection::raise(
                uscc(0),
                Fen::new(granted),
                "wrong".into(),
                Actor::new("clerk"),
                instant("2017-02-01T00:00:00Z"),
            )
        };
        assert!(raise(1).is_ok());
        for granted in [0, -1] {
            assert_eq!(raise(granted), Err(ObjectionError::NothingGranted));
        }
        let clawback = settlement(&[PriorLine {
            government_fen: Fen::new(500),
            ..lost()
        }]);
        assert_eq!(
            uphold(clawback, &uscc(0)),
            Err(ObjectionError::NothingGranted)
        );
        assert_eq!(
            uphold(settlement(&[]), &uscc(2)),
            Err(ObjectionError::NothingGranted)
        );
    }

    #[test]
    fn an_objection_is_decided_once() {
        let at = instant("2017-02-01T00:00:00Z");
        let objection = Objection::raise(
            uscc(0),
            Fen::new(1),
            "wrong".into(),
            Actor::new("clerk"),
            at,
        )
        .expect("an objection");
        assert_eq!(
            objection
                .clone()
                .decide(true, " ".into(), Actor::new("judge"), at),
            Err(ObjectionError::TextLength)
        );
        let decided = objection
            .decide(true, "right".into(), Actor::new("judge"), at)
            .expect("decided");
        assert!(!decided.is_open());
        assert_eq!(
            decided.decide(false, "wrong".into(), Actor::new("judge"), at),
            Err(ObjectionError::Decided)
        );
    }
}
