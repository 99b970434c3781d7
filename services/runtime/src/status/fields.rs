//! Reading a request: every field that is wrong is named, not only the first.

use gazelle_kernel::ParseError;

use super::{
    field::{FieldExt as _, FieldViolation},
    refusal::Refusal,
};

/// What is wrong with the fields read so far.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldViolation>);

impl Fields {
    /// The value, or `None` and a note of what is wrong with the field.
    pub fn read<T>(&mut self, field: impl AsRef<str>, parsed: Result<T, ParseError>) -> Option<T> {
        self.note(parsed.field(field.as_ref()))
    }

    /// The value, or `None` and a note of its violation.
    pub fn note<T>(&mut self, parsed: Result<T, FieldViolation>) -> Option<T> {
        parsed.map_err(|violation| self.0.push(violation)).ok()
    }

    /// The values of a list, each by `parse`; faults are noted with their places.
    pub fn read_all<I, T>(
        &mut self,
        field: &str,
        items: &[I],
        parse: impl Fn(&I) -> Result<T, ParseError>,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            values.extend(self.read(format!("{field}[{at}]"), parse(item)));
        }
        values
    }

    /// The request, if no field was wrong.
    ///
    /// # Errors
    ///
    /// The refusal names all that were noted.
    pub fn finish<T>(self, request: Option<T>) -> Result<T, Refusal> {
        match request {
            Some(request) if self.0.is_empty() => Ok(request),
            _ => Err(Refusal::fields(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::PlatformId;

    use super::*;

    #[test]
    fn every_wrong_field_is_named_with_its_place() {
        let mut fields = Fields::default();
        let items = ["alpha", "?", "beta", ""];
        let platforms = fields.read_all("platforms", &items, |text| PlatformId::parse(text));
        assert_eq!(platforms.len(), 2);
        let refusal = fields.finish(Some(())).unwrap_err();
        let named: Vec<_> = refusal
            .field_violations
            .iter()
            .map(|v| v.field.as_str())
            .collect();
        assert_eq!(named, ["platforms[1]", "platforms[3]"]);
    }
}
