//! What the functions of this workspace have in common.

/// Greets somebody.
pub fn greet(name: &str) -> String {
    format!("Hello, {name}!")
}

#[cfg(test)]
mod tests {
    #[test]
    fn greets_by_name() {
        assert_eq!(super::greet("Ada"), "Hello, Ada!");
    }
}
