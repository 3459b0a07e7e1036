# After a report: the way back to it, what this phone reported, what neighbours say.
frame-bulletin = 辦結公示
state-title = 辦理進度
state-lost-title = 找不到查詢碼？
state-scan-again = <strong>最簡單：</strong>用當時那部手機，再掃一次樓門口的碼，按「我在這裡反映過的」。
state-by-phone = 用單號和電話後四位查辦到哪一步
state-last-four = 當時留的電話的後四位
state-hint = 只顯示辦到哪一步，不顯示內容；錯 5 次鎖一天
state-submit = 查辦到哪一步
state-wrong = 單號和電話後四位對不上，或者當時沒有留電話。還可以試 { $left } 次，再錯就要鎖一天
state-locked = 試錯的次數太多，這個單號鎖到 { $until }。請打電話問社區，一樣能查；有查詢碼的，可以用上面的辦法查
state-more-title = 想看內容、補充情況或評價？
state-more = 要用查詢碼打開，或在當時用的手機上再掃一次樓門口的碼，按「我在這裡反映過的」。都不行，請打社區電話。
mine-link = 我在這裡反映過的
mine-title = 這部手機反映過的
mine-forgot = 這部手機上的記錄已經清掉。反映的事照常辦理，憑單號和查詢碼還能查。
mine-none = 沒有找到。換過手機、清過微信緩存，或者是工作人員代填的，這裡就看不到。
mine-earlier = 更早的
mine-another = 再反映一件事
mine-not-my-phone = 這不是我的手機？
mine-forget-means = 清掉以後，這部手機上再也列不出這些單子；事情照常辦理。
mine-forget = 清掉這部手機上的記錄
solved-title = 這裡最近辦好的事
solved-ask = 路過看一眼，按一下就行；不用留名。
solved-since = { $day }辦結
solved-fixed = 修好了
solved-broken = 還沒好
solved-thanks = 謝謝，記下了
solved-read = 社區工作人員看得到大家怎麼說。
solved-other = 您家還有問題，或者是另一件事，請再反映一次，會有單號、能查進度。

## What this phone joined
mine-joined = 您也遇到的
mine-joined-at = { $when } 加入
