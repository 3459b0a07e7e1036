# What the script of the pages says; it gets them as JSON, with names in single braces.
script-busy = 正在提交…
script-written = 已写 { $count } 字，最多 { $limit } 字
script-over = 超出 { $count } 字，请删减一些
