//! What requests say about runs.

use std::collections::BTreeSet;

use gazelle_kernel::{ParseError, Period, ProgramId, Year};
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::status::{Fields, Refusal};

use super::common::{owed_period, program_id, refused, run_id, year};
use crate::domain::run::{Computation, RunName};

/// Most months that are left out by name.
const LEFT_OUT_MAX: usize = 1_000;

/// A run to compute.
pub fn computation(request: &pb::ComputeRunRequest) -> Result<Computation, Refusal> {
    let mut fields = Fields::default();
    let program_id = fields.read("program_id", ProgramId::parse(&request.program_id));
    let through = fields.read("through_period", Period::parse(&request.through_period));
    let year = year(&mut fields, request.year, through);
    if request.left_out.len() > LEFT_OUT_MAX {
        let error = ParseError::new(
            "LIST_TOO_LONG",
            &request.left_out.len().to_string(),
            "at most 1000 months",
        );
        fields.read::<()>("left_out", Err(error));
    }
    let left_out = fields.read_all("left_out", &request.left_out, owed_period);
    let read = || {
        Some(Computation {
            program_id: program_id?,
            year: year?,
            through_period: through?,
            left_out: left_out.into_iter().collect::<BTreeSet<_>>(),
        })
    };
    fields.finish(read())
}

/// Which run's months are asked for: program, year and last period.
pub fn readiness(request: &pb::GetReadinessRequest) -> Result<(ProgramId, Year, Period), Refusal> {
    let mut fields = Fields::default();
    let program_id = fields.read("program_id", ProgramId::parse(&request.program_id));
    let through = fields.read("through_period", Period::parse(&request.through_period));
    let year = year(&mut fields, request.year, through);
    let read = || Some((program_id?, year?, through?));
    fields.finish(read())
}

/// Which run is asked for: by its id, or as one of its program's.
pub fn run_name(request: &pb::GetRunRequest) -> Result<RunName, Refusal> {
    let mut fields = Fields::default();
    if !request.run_id.is_empty() {
        let id = fields.note(run_id(&request.run_id));
        return fields.finish(id.map(RunName::Id));
    }
    if request.program_id.is_empty() {
        let expected = "a run's id, or its program";
        fields.note::<()>(Err(refused("run_id", "ID_INVALID", "", expected)));
        return fields.finish(None);
    }
    let program_id = fields.note(program_id(&request.program_id));
    let number = fields.note(match request.number {
        number @ 0.. => Ok(number),
        number => Err(refused(
            "number",
            "COUNT_NEGATIVE",
            &number.to_string(),
            "a number from 1, or 0 for the newest",
        )),
    });
    let named = program_id.zip(number);
    fields.finish(named.map(|(program_id, number)| RunName::Numbered { program_id, number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_fields_that_are_all_told_where_they_are_wrong() {
        let request = pb::GetRunRequest {
            program_id: "?".to_owned(),
            number: -1,
            ..pb::GetRunRequest::default()
        };
        let violations = run_name(&request).unwrap_err().field_violations;
        let fields = violations.iter().map(|one| one.field.as_str());
        assert_eq!(fields.collect::<Vec<_>>(), ["program_id", "number"]);
    }
}
