# The page of a report: its resident follows it, answers and asks again. And of a report that waits for a person.
ticket-title = Your report { $number }
ticket-received = We have received it
ticket-received-numbers = Number <strong>{ $number }</strong>, query code <strong>{ $code }</strong>.
ticket-card = Please save this receipt now
ticket-card-how = Press and hold the picture and choose “Save image”. To look your report up later, scan the code in the picture and enter the query code.
ticket-card-alt = Receipt: number { $number }, query code { $code }, { $place }
ticket-card-share = In WeChat you can also tap “…” at the top right to bookmark this page or send it to your family. Anyone with this page can read it and answer for you, so please do not post it in a group.
ticket-card-later = Save the receipt or send it to your family
ticket-card-press = Press and hold the picture and choose “Save image”.
ticket-card-send = To send this page to your family, tap “…” at the top right in WeChat and choose to send it to a friend. Anyone with this page can read it and answer for you, so please do not post it in a group.
ticket-missing = Your words arrived, but some photos did not
ticket-missing-next = Your report is being handled all the same. You can add photos below, under “Messages”.
ticket-held = Now with <strong>{ $who }</strong>.
ticket-held-until = Now with <strong>{ $who }</strong>: <strong>{ $until }</strong>.
ticket-community = { $name } community
ticket-due = to be done by { $until }, { $left }
ticket-due-caveat = to be done by { $until }, { $left } ({ $caveat })
ticket-again = being done again. It was due by { $until }; that time has passed and does not start anew
ticket-account = cannot be done for now. It is on record, to be looked at again by { $until }
ticket-promise = Staff will call you by { $until }.
ticket-promise-late = You should have had a call by now. You can call the community and ask.
ticket-nudge = Ask how it is going
ticket-nudge-how = You can ask once a day. If it is urgent, please call the community.
ticket-progress = Progress
ticket-about-submitted = The community has received it. Time counts from here.
ticket-about-accepted = The community has read it and will see it through.
ticket-about-working = With { $who }.
ticket-about-answer = Please tell us whether it is done.
ticket-refused = Not accepted
ticket-refused-why = Reason:
ticket-refused-next = If you have questions, please call the community.
ticket-withdrawn = Taken back
ticket-withdrawn-next = You took this report back. You can scan the code and report it again at any time.
ticket-merged = Handled together with the same matter
ticket-merged-next = A neighbour has reported it too. See the progress below; you will be told when it is done.
ticket-result = What was done
ticket-result-of-part = What was done:
ticket-result-photo = Photo { $count } after the work

## The receipt as a picture
card-sent = Sent { $time }
card-scan = Scan the code, then enter the query code
card-door = Scan the code at the door, choose “Follow a report”, enter number and query code
card-phone = Phone of the community
card-anyone = Anyone with number and query code can read it and answer for you
card-family = Send it to your family only, not to a group
card-demo = Demonstration

## Not done, and other matters of the same report
ticket-rework = Not done properly?
ticket-rework-shared = Neighbours reported this too and it was handled together. If it is not solved at your home, say so here; only yours is done again.
ticket-rework-rule = You can ask for it to be done again within { $days ->
    [one] 1 day
   *[other] { $days } days
} (until { $until }).
ticket-rework-home = Not solved at my home
ticket-rework-ask = Please do it again
ticket-rework-what = What is not done yet?
ticket-parts = What else you reported with it
ticket-part = You also reported: { $headline }
ticket-part-number = Number { $number }
ticket-part-answer = Say how this one went
ticket-part-rework = Not done properly? Ask for it to be done again

## Messages both ways
ticket-messages = Messages
ticket-messages-none = No messages yet. When staff reply, you will see it here.
ticket-you = You
ticket-message-photo = Photo { $count } that was added
ticket-message-write = Add something or ask how it is going
ticket-message-photos = Add photos (optional)
ticket-message-slot = Photo { $count }
ticket-message-heavy = This one is over 10 MB. Please choose a smaller one
ticket-message-send = Send to the staff
ticket-photos-added = { $count ->
    [one] Added 1 photo
   *[other] Added { $count } photos
}

## What was reported
ticket-yours = What you reported
ticket-place = Place
ticket-category = Category
ticket-matter = { $tile }: { $matter }
ticket-words = Your words
ticket-photo = Photo { $count } of the report
ticket-voice = Your voice message
ticket-withdraw = No longer needed? Take it back
ticket-withdraw-sure = Yes, I take it back; the community need not handle it
ticket-withdraw-until = Once it is accepted it cannot be taken back
ticket-withdraw-do = Take it back
ticket-data-what = What is kept about you, for how long, and who has looked at it. You can correct, download or delete it.
ticket-data-open = See my data

## What was just done
ticket-done-rework = It goes back to be done again. You will see here how it goes on.
ticket-done-message = Your message has gone to the staff.
ticket-done-withdrawal = It is taken back.
ticket-done-nudge = We have passed it on; the staff can see that you asked.

## The three questions, of whoever reported it and of neighbours
answer-wrong = This is not done yet
answer-title = Please say how it went
answer-how = Three separate questions; just say it as it is.
answer-contacted = Did staff contact you?
answer-contacted-yes = Yes, they did
answer-contacted-no = No, they did not
answer-solved = Is it solved?
answer-solved-yes = It is solved
answer-solved-no = It is not solved
answer-satisfied = Are you satisfied?
answer-comment = Anything else
answer-free = optional
answer-submit = Send the answers
answer-noted = Thank you, your answers are noted.
answer-yours = Your answers
answer-yours-said = You said: { $comment }

## A report that waits for a person
waiting-title = Received · { $place }
waiting-received = Received, waiting for staff to look at it
waiting-why = Many people are reporting just now. What you wrote is safely kept and nothing will be lost. When staff have looked at it, this page shows its number and progress. Time counts from the moment you sent it.
waiting-keep = Please bookmark this page or take a screenshot of its address, and open it again in a while. If it is urgent, call the community below.
waiting-aside = Not registered as a report
waiting-aside-test = The community took it for a test and gave it no number.
waiting-aside-repeated = The community took it for something sent many times over and gave it no number.
waiting-aside-empty = The community could not see what is to be done and gave it no number.
waiting-aside-next = If that is wrong, please call the community below; staff can bring it back. You can also scan the code and report again.
waiting-photos = Photos
waiting-photos-none = None taken
waiting-phone-left = Left, for community staff only
