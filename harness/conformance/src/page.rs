//! The page that protocol cases ask for: `/plaintext` of the contract, or one that a server has
//! which knows nothing of the contract.

/// A page that stays the same, and what the server does where it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    path: String,
    /// Not known where the server's answer cannot be read: then any content will do.
    content: Option<Vec<u8>>,
    /// Whether a path that nothing is at is answered 404; a single-page application does not.
    misses: bool,
}

impl Page {
    /// The path of the contract's page.
    pub const PLAINTEXT: &str = "/plaintext";
    const HELLO: &[u8] = b"Hello, World!";

    /// The page of the contract, `/plaintext`.
    #[must_use]
    pub fn plaintext() -> Self {
        Self { path: Self::PLAINTEXT.into(), content: Some(Self::HELLO.into()), misses: true }
    }

    /// What a server has at `path`; `misses` says whether it answers 404 where it has nothing.
    pub(crate) fn found(path: &str, content: Option<Vec<u8>>, misses: bool) -> Self {
        Self { path: path.into(), content, misses }
    }

    /// Its path, as it stands in requests.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is the page that the contract asks for.
    #[must_use]
    pub fn is_of_the_contract(&self) -> bool {
        self.path == Self::PLAINTEXT && self.content.as_deref() == Some(Self::HELLO)
    }

    /// Whether a path that nothing is at is answered 404.
    #[must_use]
    pub fn misses(&self) -> bool {
        self.misses
    }

    pub(crate) fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// Whether this is its answer.
    pub(crate) fn is(&self, status: u16, content: &[u8]) -> bool {
        status == 200 && self.content.as_deref().is_none_or(|known| known == content)
    }

    /// The answer that is expected, in words.
    pub(crate) fn answer(&self) -> String {
        match self.content.as_deref() {
            Some(Self::HELLO) => "200 and `Hello, World!`".into(),
            Some(content) => format!("200 and the {} bytes of the page", content.len()),
            None => "200".into(),
        }
    }
}
