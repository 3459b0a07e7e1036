//! The words of a report, as the classifier counts them.
//!
//! jieba cuts them with the words of the keyword table as its dictionary, and its own statistics for all others: the big
//! dictionary would cost 33 MB of memory and cut these short reports no better.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jieba_rs::Jieba;

use super::keywords;

static JIEBA: LazyLock<Jieba> = LazyLock::new(|| {
    let mut jieba = Jieba::empty();
    for word in keywords::words() {
        jieba.add_word(word, Some(1000), None);
    }
    jieba
});

/// Words that say nothing about the matter.
const EMPTY: &[&str] = &[
    "的", "了", "在", "是", "有", "和", "就", "都", "也", "我", "我们", "你", "他", "这", "那", "一个",
    "没有", "请", "很", "到", "说", "要", "去", "会", "着", "看", "好", "自己", "给", "把", "被", "让", "向",
    "从", "还", "又", "个", "们", "吗", "呢", "啊", "吧", "希望", "现在", "已经", "因为", "所以", "但是",
    "社区", "小区", "解决", "处理", "麻烦",
];

/// The words that count, each once, and every two neighbouring characters: a word that only this community uses is cut
/// one way in one sentence and another way in the next, its pairs stay. Digits, signs and empty words are none.
pub(super) fn words(text: &str) -> Vec<String> {
    let says =
        |word: &str| !word.is_empty() && word.chars().all(char::is_alphabetic) && !EMPTY.contains(&word);
    let cut = JIEBA.cut(text, true).into_iter().map(|token| token.word.to_lowercase());
    let signs: Vec<char> = text.chars().collect();
    let pairs = signs.windows(2).map(|pair| pair.iter().collect::<String>());
    let all: BTreeSet<String> = cut.chain(pairs).filter(|word| says(word)).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_cut_into_words_without_numbers_and_fillers() {
        let cut = words("3号楼2单元的楼道灯不亮，请来修，电话13812345678");
        assert!(cut.contains(&"楼道灯".to_owned()), "{cut:?}");
        assert!(cut.iter().all(|word| !word.contains("138") && word != "的" && word != "请"), "{cut:?}");
        assert!(words("鸭子灯灭了").contains(&"子灯".to_owned()), "whatever the cut, the pairs are there");
    }
}
