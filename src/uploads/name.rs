//! What an upload is, written into its address: nothing else has to be remembered of it.
//!
//! Whoever sends the line out signs it, so that only addresses that this program gave out are ever looked up.

use uuid::Uuid;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// A photo, before it is cleaned.
    Photo,
    /// A recording of so many seconds.
    Voice(u32),
}

/// An upload: who sends it, what, and how long it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its own identifier.
    pub id: Uuid,
    /// Sixteen hexadecimal digits that stand for the phone.
    pub owner: String,
    /// Sixteen that stand for the network it sends from.
    pub network: String,
    /// What it is.
    pub matter: Matter,
    /// Bytes that it will have.
    pub length: u64,
}

impl Name {
    /// The upload in a line.
    pub fn line(&self) -> String {
        let matter = match self.matter {
            Matter::Photo => "p".to_owned(),
            Matter::Voice(seconds) => format!("v{seconds}"),
        };
        format!("{}.{}.{}.{matter}.{}", self.id.simple(), self.owner, self.network, self.length)
    }

    /// Reads what [`Name::line`] wrote down, and nothing that could lead out of the folder.
    pub fn parse(line: &str) -> Option<Name> {
        let mut parts = line.split('.');
        let (id, owner, network) = (parts.next()?, parts.next()?, parts.next()?);
        let matter = match parts.next()? {
            "p" => Matter::Photo,
            voice => Matter::Voice(voice.strip_prefix('v')?.parse().ok()?),
        };
        let length = parts.next()?.parse().ok()?;
        let sound = |text: &str| text.len() == 16 && text.bytes().all(|sign| sign.is_ascii_hexdigit());
        let whole = sound(owner) && sound(network) && parts.next().is_none();
        let (owner, network) = (owner.to_owned(), network.to_owned());
        let name = Name { id: Uuid::try_parse(id).ok()?, owner, network, matter, length };
        whole.then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_travels_as_a_line_and_leads_nowhere_else() {
        let name = Name {
            id: Uuid::now_v7(),
            owner: "0123456789abcdef".to_owned(),
            network: "fedcba9876543210".to_owned(),
            matter: Matter::Voice(12),
            length: 4711,
        };
        assert_eq!(Name::parse(&name.line()), Some(name.clone()));
        for bad in ["", "x", "../../etc/passwd", &name.line().replace("0123456789abcdef", "../../../../etc.")]
        {
            assert_eq!(Name::parse(bad), None, "{bad}");
        }
        assert_eq!(Name::parse(&format!("{}.x", name.line())), None);
    }
}
