//! Names that are written almost like another.

/// The one of `known` that is written almost like `name`, if there is one.
///
/// At most a third of the characters may differ; a swap of neighbors counts as one.
pub(crate) fn closest<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k String>,
) -> Option<&'k str> {
    let length = name.chars().count();
    known
        .into_iter()
        .map(|candidate| {
            let longer = candidate.chars().count().max(length);
            (strsim::osa_distance(name, candidate), longer, candidate)
        })
        .filter(|(distance, longer, _)| distance * 3 <= *longer)
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, _, candidate)| candidate.as_str())
}
