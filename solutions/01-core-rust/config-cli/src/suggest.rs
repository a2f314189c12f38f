//! Names that are written almost like another.

/// The one of `known` that is written almost like `name`, if there is one.
///
/// One edit may always lead to it, unless nothing of the name is left; otherwise at most a third of
/// the characters may differ. A swap of neighbors counts as one.
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
        .filter(|(distance, longer, _)| distance * 3 <= *longer || (*distance == 1 && *longer > 1))
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, _, candidate)| candidate.as_str())
}
