said-moment = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }, { $time }
said-left = { $time } left
said-overdue = overdue by { $time }
said-no-minute = less than 1 minute
said-minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
said-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
said-hours-minutes = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
} { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
said-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
said-days-hours = { $days ->
    [one] 1 day
   *[other] { $days } days
} { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
tile-01 = Buildings and public facilities
tile-02 = Lift
tile-03 = Property management
tile-04 = Water
tile-05 = Power, gas, heating, network
tile-06 = Parking and traffic
tile-07 = Fire safety and e-bikes
tile-08 = Cleanliness
tile-09 = Greenery and public space
tile-10 = Illegal building, renovation
tile-11 = Neighbours and public order
tile-12 = Everyday services
danger-0104 = Plaster, windows or fittings about to fall: keep clear and go round
danger-0107 = Manhole cover missing or broken: keep away
danger-0201 = Trapped in the lift: press the emergency button in the car, or call 119
danger-0402 = Burst pipe: first close the main valve of the flat
danger-0502 = Bare wires, dangerous meter box: do not touch, keep away
danger-0503 = Smell of gas: do not touch any switch, open the windows, leave at once, and call the gas emergency line or 119 from outside
danger-0506 = Heating leaks: first close the valve of the flat
danger-0603 = Fire lane blocked: in case of fire call 119 first
danger-0902 = Tree or branch about to fall: keep away
danger-1002 = Bearing wall torn down: if there is danger, leave first and call 119
danger-1106 = Suspicious persons, theft, things thrown from above: call 110 first
sorry-not-found = Not found, or not yours to see
sorry-forbidden = This cannot be done from here
sorry-too-many = Too often; please wait a moment and try again
sorry-fault = Something went wrong on our side. What you wrote is not lost; please try again later
sorry-form-cut = The form did not arrive whole. Please go back and send it again
sorry-form-cut-kept = The form did not arrive whole. Please go back and send it again; what you wrote is still on the page before
sorry-form-broken = The connection broke before everything had arrived. Please send it again; what you wrote is still on the page before
sorry-form-much = There is too much in the form
sorry-form-large = That is too large altogether. Please send fewer photos, or smaller ones
sorry-form-coding = The text is coded in a way that cannot be read. Please try another browser
sorry-old-page = The page is a little old. Please press send once more
sorry-sent-before = This form was sent before with other content. If it is another matter, press send once more; if it is the same, there is no need to
sorry-phone = The phone number does not look right: a mobile number has 11 digits, a landline needs its area code; you may also leave it out
sorry-photo-busy = Many people are sending photos just now. Please try again in a minute
sorry-photo-broken = This photo did not arrive whole or is damaged. Please choose it again, or send a screenshot of it
sorry-photo-wide = This photo has too many pixels. Please send a screenshot of it, or choose a smaller size in the camera
sorry-photo-large = This photo is over 10 MB. Please send a screenshot of it, or choose a smaller size in the camera
sorry-photo-empty = This photo is empty and may not have arrived whole. Please choose it again
sorry-photo-gif = This is an animated GIF. Please choose an ordinary photo, or send a screenshot of it
sorry-photo-pdf = This is a PDF, not a photo. Please open it and send a screenshot
sorry-photo-bmp = This photo is a BMP. Please send a screenshot of it
sorry-photo-tiff = This photo is a TIFF or a raw file. Please send a screenshot of it
sorry-photo-none = This file is no photo. Please choose one from the album, or take one now
sorry-photo-heic = This photo is in HEIC format, which cannot be opened yet. Choose “Most Compatible” under Settings → Camera → Formats and take it again, or send a screenshot of it
sorry-photo-avif = This photo is in AVIF format, which cannot be opened yet. Please send a screenshot of it
sorry-photo-film = This looks like a film. Only photos are taken here; please send a screenshot from it
sorry-no-match = Number and query code do not match. Please check them once more
contact-community = community office
contact-property = property management

## The door: who one is, how far it is, how it went
role-owner = Owner
role-tenant = Tenant
role-resident = Resident
role-shop = Shop
role-rider = Rider
role-visitor = Visitor
role-other = Other
step-submitted = Sent
step-accepted = Accepted
step-working = Being worked on
step-done = Done
grade-good = Satisfied
grade-mostly = Mostly satisfied
grade-bad = Not satisfied
sorry-choose-contacted = Please choose: did staff contact you?
sorry-choose-solved = Please choose: is it solved?
sorry-choose-satisfied = Please choose: are you satisfied?
headline-submitted = Sent; the community will take it on
headline-accepted = The community has taken it on
headline-working = Being worked on
headline-ended = This matter has ended
headline-done = Done
progress-done = done
progress-now = now
progress-ahead = to come
progress-never = will not come
sorry-miswritten = The number seems to have a wrong sign in it; please check it
sorry-last-four = Please enter the last four digits of the phone you left

## More times
said-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
said-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
said-workdays = { $days ->
    [one] 1 working day
   *[other] { $days } working days
}
said-workdays-hours = { $days ->
    [one] 1 working day
   *[other] { $days } working days
} { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
said-left-rest = { $time } left, days off not counted
said-caveat = public holidays of { $year } are not announced yet; only weekends are taken into account
said-caveat-years = public holidays from { $from } to { $year } are not announced yet; only weekends are taken into account

## What the program writes into the history of a report
said-published = The result is now shown to everybody under “What was solved”: the category, the building and what was done, without your name, phone and words. If you do not want that, write a message here and it will be taken down.
said-passed-on = Passed on to { $to }, number { $number }. { $reason }

## Who of staff wrote or looked, as residents are told
who-resident = Resident
who-outsider = Outside contractor
who-supporter = Supporting party
who-handler = Handling party
who-grid = Grid worker
who-worker = Community worker
who-lead = Head of the community
who-street = Street office
who-auditor = Auditor
who-admin = System administrator
who-timer = Automatic

## What can no longer be done, and where it stands
status-new = waiting to be accepted
status-follow-up = closed, waiting for your answers
status-archived = closed
status-refused = not accepted
status-withdrawn = taken back
status-merged = handled together with another report
what-answer = answering
what-rework = asking for it to be done again
what-withdraw = taking it back
what-nudge = asking how it is going
what-reply = adding something
what-correct = correcting your data
what-erase = deleting your data
sorry-past = Your report now stands at “{ $status }”; { $what } is no longer possible. Please reload the page
sorry-changed = Somebody was faster and what you sent was not done. Please look at how it stands now and decide again

## Refusals on the page of a report
sorry-comment-long = A comment has 500 characters at most
sorry-rework-empty = Please write what is not done yet, so that it can be put right
sorry-rework-late = It was closed more than { $days ->
    [one] 1 day
   *[other] { $days } days
} ago and cannot be done again. Please scan the code and report it anew, or call the community
sorry-note-long = Up to 2000 characters, now it is { $count }; please shorten it
sorry-message-empty = Please write something or choose a photo first
sorry-message-photos = Up to { $limit } photos at a time; please send the others afterwards
sorry-message-heavy = One photo is over 10 MB. Please choose a smaller one
sorry-photos-many = There are many photos already (up to { $limit }). Please add it in words, or call the community
sorry-photos-hour = Too many photos were sent within this hour and these were not taken. Send the words now and the photos a little later, or call the community
sorry-replies-many = You have added { $limit } messages today and the community has them all. What you wrote is still here: please send it tomorrow, or call the community if it is urgent: { $phone }
sorry-corrections-many = You have made { $limit } changes today; please go on tomorrow, or call the community if it is urgent
sorry-photos-full = There are many photos on this report already (up to 60)
sorry-nudged = You have asked today and the staff can see it. If it is urgent, please call the community
sorry-withdraw-unsure = Please tick the box to say that you take it back
sorry-name-long = A name has 20 characters at most
sorry-unchanged = There is nothing to change: please enter a new phone or name, or change a tick
sorry-erase-unsure = Please tick the box to say that you understand; nothing was deleted
sorry-known-slow = Too many tries. Please try again in a few minutes, or download without a phone number
sorry-known-wrong = This is not the number you left. Please check it, or download without it

## Refusals to neighbours, and of voice messages
sorry-joined-late = This has just been closed. If it is not solved, choose “another matter” and send it again; we go on with it
sorry-told-late = This is closed, or you took it back; there is nothing more to add. If it is not solved, say so on this page or call the community
sorry-told-nothing = Please enter a phone number or write a sentence before you save
sorry-answered = You have answered already, or the time for it is over. If it is not solved, please scan the code and report it, or call the community
sorry-words-long = Up to 500 characters; please shorten it
sorry-says = Please choose whether it is fixed or still broken
sorry-not-asked = This is not asked here any more; most likely it is being worked on again. If something is wrong, please report it
sorry-at-work = This is being worked on again; neighbours will be asked when it is done
sorry-full = Too many people are sending just now and no more can be taken. What you wrote is still on this page. Please press send again in ten minutes; if it is urgent, call the community at the foot of the page
sorry-voice-empty = This recording is empty. Please record it again
sorry-voice-format = This recording cannot be opened. Please type instead, or use the microphone of your keyboard
sorry-voice-film = This is a film. Only recordings are taken here; photos go where photos are asked for
sorry-voice-long = A recording has 60 seconds at most. Please make it shorter, or write it
sorry-voice-large = This recording is over 2 MB. Please make it shorter
sorry-voices-many = There are many recordings on this report already (up to { $limit }). Please write instead
sorry-file-empty = The file is empty. Please choose it again

## What was done to a report, as its resident reads it in the file of their data
did-submit = sending it
did-accept = accepting it
did-merge = joining it with another report
did-unmerge = parting it from the other report
did-split = treating it as several matters
did-dispatch = giving it to those who do the work
did-take = taking it on
did-transfer = giving it to somebody else
did-return = giving it back
did-extend = setting a later date
did-suspend = putting it on record for later
did-resume = taking it up again
did-pass-on = passing it on
did-close = closing it
did-archive = filing it
did-safe = making it safe
did-message = writing to you
did-publish = showing the result to everybody

## Files that go ahead of their report
sorry-uploads-busy = Many people are sending photos just now. Please try again in a while; your words can go first
sorry-upload-held = This file is being worked on. Please wait a moment and send it again
sorry-upload-long = More arrived than was announced. Please choose it again
sorry-upload-short = It has not arrived whole yet
sorry-upload-length = Please say how long the file is (Upload-Length)
sorry-upload-offset = Please say from where it goes on (Upload-Offset)
sorry-loose = The { $what } waited too long and was cleared away. Please choose it again
loose-photo = photo
loose-voice = recording
sorry-text-empty = Please write what is the matter
