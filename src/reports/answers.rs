//! The three questions, as a form sends them and as a page shows them: the same for whoever reported a matter and for
//! neighbours who met it too.

use super::view::{Choice, Questions};
use crate::error::{Error, Result};
use crate::neighbours::Answer;
use crate::tickets::Satisfaction;
use crate::words::Lang;

/// The three answers, as the form sends them.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Sent {
    contacted: String,
    solved: String,
    satisfied: String,
    pub(super) comment: String,
}

impl Sent {
    /// Reads them; nothing is taken for an answer that was not chosen.
    pub(super) fn read(&self) -> Result<Answer> {
        let yes = |field: &'static str, value: &str, ask: &'static str| match value {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Error::invalid(field, ask)),
        };
        Ok(Answer {
            contacted: yes("contacted", &self.contacted, "请选：工作人员联系过您吗")?,
            solved: yes("solved", &self.solved, "请选：事情解决了吗")?,
            satisfied: Satisfaction::parse(&self.satisfied)
                .ok_or_else(|| Error::invalid("satisfied", "请选：您满意吗"))?,
            comment: self.comment.trim().to_owned(),
        })
    }

    /// Puts what was chosen and typed into the questions that are shown again.
    pub(super) fn fill(self, questions: &mut Questions) {
        for grade in &mut questions.grades {
            grade.checked = grade.word == self.satisfied;
        }
        questions.contacted = self.contacted;
        questions.solved = self.solved;
        questions.comment = self.comment;
    }
}

/// The questions, with nothing answered yet.
pub(super) fn questions(lang: Lang) -> Questions {
    let grade = |each: &Satisfaction| Choice {
        word: each.word().to_owned(),
        label: lang.sentence(each.label()),
        checked: false,
    };
    Questions { grades: Satisfaction::ALL.iter().map(grade).collect(), ..Questions::default() }
}

/// What was answered, one line each; `comment` as it may be shown.
pub(super) fn answered(
    lang: Lang,
    (contacted, solved, satisfied): (Option<bool>, Option<bool>, Option<Satisfaction>),
    comment: &str,
) -> Vec<String> {
    let pick = |answer: Option<bool>, words: [&str; 2]| {
        answer.map(|yes| lang.t(words[usize::from(!yes)]).to_string())
    };
    [
        pick(contacted, ["answer-contacted-yes", "answer-contacted-no"]),
        pick(solved, ["answer-solved-yes", "answer-solved-no"]),
        satisfied.map(|grade| lang.sentence(grade.label())),
        (!comment.is_empty()).then(|| lang.t("answer-yours-said").with("comment", comment).to_string()),
    ]
    .into_iter()
    .flatten()
    .collect()
}
