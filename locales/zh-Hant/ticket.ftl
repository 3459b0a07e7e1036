# The page of a report: its resident follows it, answers and asks again. And of a report that waits for a person.
ticket-title = 辦理進度 { $number }
ticket-received = 已收到
ticket-received-numbers = 單號 <strong>{ $number }</strong>，查詢碼 <strong>{ $code }</strong>。
ticket-card = 請現在存一張憑證圖片
ticket-card-how = 長按下面的圖片，選「保存圖片」。以後掃圖上的碼、輸入查詢碼就能查。
ticket-card-alt = 憑證圖片：單號 { $number }，查詢碼 { $code }，{ $place }
ticket-card-share = 也可以在微信裡按右上角「…」收藏這個頁面，或發給家裡人。有這個頁面的人都能看、能評價，請不要發到群組裡。
ticket-card-later = 存憑證圖片，或發給家裡人
ticket-card-press = 長按圖片，選「保存圖片」。圖片上是簡體字。
ticket-card-send = 發給家裡人：在微信裡按右上角「…」，選「發送給朋友」。有這個頁面的人都能看、能評價，請不要發到群組裡。
ticket-missing = 文字已經交了，有照片沒有收到
ticket-missing-next = 不影響辦理。想補照片，在下面的「給您的訊息」裡補充。
ticket-held = 現在由 <strong>{ $who }</strong> 負責。
ticket-held-until = 現在由 <strong>{ $who }</strong> 負責，<strong>{ $until }</strong>。
ticket-community = { $name }社區
ticket-due = 最晚 { $until } 前辦結，{ $left }
ticket-due-caveat = 最晚 { $until } 前辦結，{ $left }（{ $caveat }）
ticket-again = 正在重辦；原定 { $until } 前辦結，已經過了，重辦不重新計時
ticket-account = 現在辦不了，已經登記在案，{ $until } 前再看能不能辦
ticket-promise = 工作人員會在 { $until } 前給您打電話。
ticket-promise-late = 電話聯繫已經超時，您可以直接打社區電話催辦。
ticket-nudge = 催一催
ticket-nudge-how = 一天可以催一次；著急請打社區電話。
ticket-progress = 辦理進度
ticket-about-submitted = 社區已經收到，時間從這時算起。
ticket-about-accepted = 社區看過了，由社區負責到底。
ticket-about-working = 由{ $who }辦理。
ticket-about-answer = 辦好了沒有，請您評價。
ticket-refused = 沒有受理
ticket-refused-why = 原因：
ticket-refused-next = 有疑問請打社區電話。
ticket-withdrawn = 已經撤回
ticket-withdrawn-next = 您撤回了這件事。需要時可以重新掃碼反映。
ticket-merged = 已經和同樣的事合在一起辦
ticket-merged-next = 鄰居也反映了這件事，進度看下面，辦好一起告訴您。
ticket-result = 處理結果
ticket-result-of-part = 處理結果：
ticket-result-photo = 處理後的第 { $count } 張照片

## The receipt as a picture
card-sent = { $time } 提交
card-scan = 掃左邊的碼，再輸入上面的查詢碼
card-door = 掃樓門口的碼，點「查進度」，輸入單號和查詢碼
card-phone = 社區電話
card-anyone = 有單號和查詢碼就能看到辦理情況、替您評價
card-family = 請只發給家裡人，不要發到群裡
card-demo = 示範資料

## Not done, and other matters of the same report
ticket-rework = 沒有辦好？
ticket-rework-shared = 這件事鄰居也反映了，是一起辦的。您家還沒好的，在這裡說，只重辦您這一件。
ticket-rework-rule = 辦結後 { $days } 天內（{ $until } 前）可以要求重辦。
ticket-rework-home = 我家還沒好
ticket-rework-ask = 請再辦一次
ticket-rework-what = 哪裡還沒有辦好？
ticket-parts = 您一起反映的其他事
ticket-part = 您還反映了：{ $headline }
ticket-part-number = 單號 { $number }
ticket-part-answer = 評價這件事
ticket-part-rework = 沒有辦好？請再辦一次

## Messages both ways
ticket-messages = 給您的訊息
ticket-messages-none = 還沒有訊息。工作人員回覆後會顯示在這裡。
ticket-you = 您
ticket-message-photo = 補充的第 { $count } 張照片
ticket-message-write = 補充情況，或問問進度
ticket-message-photos = 加照片（可以不加）
ticket-message-slot = 照片 { $count }
ticket-message-heavy = 這張超過 10 MB，請換一張小一點的
ticket-message-send = 發給工作人員
ticket-photos-added = 補充了 { $count } 張照片

## What was reported
ticket-yours = 您反映的內容
ticket-place = 地點
ticket-category = 類別
ticket-matter = { $tile }：{ $matter }
ticket-words = 內容
ticket-photo = 反映時的第 { $count } 張照片
ticket-voice = 您的語音留言
ticket-withdraw = 不用辦了，我要撤回
ticket-withdraw-sure = 我確認撤回，社區不再辦理這件事
ticket-withdraw-until = 受理以後就不能撤回了
ticket-withdraw-do = 撤回
ticket-data-what = 這件事存了您的哪些資訊、存到什麼時候、誰看過，都在這裡；可以更正、下載、刪除。
ticket-data-open = 看我的資料

## What was just done
ticket-done-rework = 已經交回去重辦，有進展會寫在這裡。
ticket-done-message = 您的話已經發給工作人員。
ticket-done-withdrawal = 已經撤回。
ticket-done-nudge = 已經替您催了，工作人員看得到。

## The three questions, of whoever reported it and of neighbours
answer-wrong = 這一步還沒有完成
answer-title = 請您評價
answer-how = 三個問題分開回答，照實說就好。
answer-contacted = 工作人員聯繫過您嗎？
answer-contacted-yes = 聯繫過
answer-contacted-no = 沒有聯繫
answer-solved = 事情解決了嗎？
answer-solved-yes = 解決了
answer-solved-no = 沒解決
answer-satisfied = 您滿意嗎？
answer-comment = 想說的話
answer-free = 可以不寫
answer-submit = 提交評價
answer-noted = 謝謝，您的評價已經記下。
answer-yours = 您的評價
answer-yours-said = 您說：{ $comment }

## A report that waits for a person
waiting-title = 已收到 · { $place }
waiting-received = 已收到，等工作人員看一下
waiting-why = 這會兒提交的人很多，您寫的內容已經收好了，一件也不會丟。工作人員看過以後，這個頁面會出現單號和辦理進度；辦理時限從您提交的時刻算起。
waiting-keep = 請收藏或截屏保存這個頁面的網址，過一會兒再打開看。著急的事，請直接打下面的社區電話。
waiting-aside = 沒有作為訴求登記
waiting-aside-test = 社區看過，認為這是一次測試，沒有編號辦理。
waiting-aside-repeated = 社區看過，認為是重複提交了很多次的內容，沒有編號辦理。
waiting-aside-empty = 社區看過，沒有看出要辦的事，沒有編號辦理。
waiting-aside-next = 如果看錯了，請打下面的社區電話，工作人員可以找回來；也可以重新掃碼再反映一次。
waiting-photos = 照片
waiting-photos-none = 沒有收照片
waiting-phone-left = 已留，只給社區工作人員
