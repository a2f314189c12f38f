//! Transcripts: what is typed after a prompt, and what is printed.

use super::Token;

const PROMPT: &str = "$ ";

/// The parts of a transcript, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut continues = false;
    for line in text.split_inclusive('\n') {
        let end = at + line.trim_end_matches('\n').len();
        let mut push = |range: std::ops::Range<usize>, class| {
            if !range.is_empty() {
                tokens.push(Token { range, class });
            }
        };
        if line.starts_with(PROMPT) {
            push(at..at + PROMPT.len(), "prompt");
            push(at + PROMPT.len()..end, "typed");
            continues = line.trim_end().ends_with('\\');
        } else if continues {
            push(at..end, "typed");
            continues = line.trim_end().ends_with('\\');
        } else {
            push(at..end, "printed");
        }
        at += line.len();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::build::highlight::described;

    #[test]
    fn a_command_may_go_on_in_the_next_line() {
        let text = "$ checker check \\\n    lru-cache\n\n12 of 12\n$ ";
        assert_eq!(
            described(text, &tokens(text)),
            [
                ("$ ", "prompt"),
                ("checker check \\", "typed"),
                ("    lru-cache", "typed"),
                ("12 of 12", "printed"),
                ("$ ", "prompt"),
            ]
        );
    }
}
