// What a door's form does on a phone with a bad signal: photos and voice go ahead of the report, piece by piece and again
// after a break; what was not finished is offered again; what cannot be sent waits here and goes out once.
// Loaded after the page. Everything works without it. What waits never holds the phone number.
(function () {
  "use strict";
  var page = window.louma;
  if (!page || !window.Promise || !window.FormData || !window.JSON) return;

  var PIECE = 256 * 1024, SIDE = 1600, SMALL = 500 * 1024, TRIES = 5;
  var DRAFT_DAYS = 7, ASK_DAYS = 3, MOST_WAITING = 5, SPEAK = 60;
  var DAY = 24 * 3600 * 1000;
  var say = page.say;

  function make(tag, kind, words) {
    var node = document.createElement(tag);
    if (kind) node.className = kind;
    if (words) node.textContent = words;
    return node;
  }
  function button(words, run, kind) {
    var node = make("button", kind || "plain small", words);
    node.type = "button";
    node.addEventListener("click", run);
    return node;
  }
  function pause(time) { return new Promise(function (go) { setTimeout(go, time); }); }
  function list(name) {
    try { return JSON.parse(page.recall("localStorage", name)) || []; } catch (_) { return []; }
  }
  function store(name, value) { page.keep("localStorage", name, JSON.stringify(value)); }

  // Bytes that wait: in IndexedDB where there is one, else in memory for as long as the page lives.
  var files = (function () {
    var memory = {}, opened;
    function open() {
      opened = opened || new Promise(function (go, fail) {
        var asked = window.indexedDB.open("louma", 1);
        asked.onupgradeneeded = function () { asked.result.createObjectStore("files"); };
        asked.onsuccess = function () { go(asked.result); };
        asked.onerror = asked.onblocked = fail;
      });
      return opened;
    }
    function run(mode, work) {
      return open().then(function (db) {
        return new Promise(function (go, fail) {
          var change = db.transaction("files", mode), asked = work(change.objectStore("files"));
          change.oncomplete = function () { go(asked.result); };
          change.onerror = change.onabort = fail;
        });
      });
    }
    function attempt(mode, work, otherwise) {
      try { return run(mode, work).catch(otherwise); } catch (_) { return Promise.resolve(otherwise()); }
    }
    return {
      put: function (id, blob) {
        memory[id] = blob;
        // Old WebViews keep bytes, but lose blobs.
        return bytesOf(blob).then(function (bytes) {
          var value = { bytes: bytes, type: blob.type };
          return attempt("readwrite", function (all) { return all.put(value, id); }, function () {});
        });
      },
      get: function (id) {
        if (memory[id]) return Promise.resolve(memory[id]);
        return attempt("readonly", function (all) { return all.get(id); }, function () {}).then(function (found) {
          return found ? new Blob([found.bytes], { type: found.type }) : null;
        });
      },
      drop: function (id) {
        delete memory[id];
        return attempt("readwrite", function (all) { return all.delete(id); }, function () {});
      }
    };
  })();
  function bytesOf(blob) {
    return new Promise(function (go, fail) {
      var reader = new FileReader();
      reader.onload = function () { go(reader.result); };
      reader.onerror = fail;
      reader.readAsArrayBuffer(blob);
    });
  }

  // One request. Rejected only where nothing came back.
  function ask(method, url, headers, body, patience, moved) {
    return new Promise(function (go, fail) {
      var request = new XMLHttpRequest();
      request.open(method, url);
      request.timeout = patience;
      Object.keys(headers).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      if (moved && request.upload) request.upload.onprogress = function (event) { moved(event.loaded); };
      request.onload = function () { go(request); };
      request.onerror = request.ontimeout = request.onabort = function () { fail({ broken: true }); };
      request.send(body);
    });
  }
  function parsed(request) { try { return JSON.parse(request.responseText); } catch (_) { return {}; } }

  // Sends a file ahead: `task` is { door, blob, seconds, url }, and `url` is kept so that it can go on later. Resolves with
  // what the form sends instead; rejects with { broken } where there is no way through, or { sentence } where it is refused.
  function send(task, moved) {
    var sound = /^audio\//.test(task.blob.type), size = task.blob.size, failed = 0, anew = 0;
    function refused(request) {
      return Promise.reject({ sentence: parsed(request).detail || say("photo_refused") });
    }
    function again(why) {
      failed += 1;
      if (failed < TRIES && navigator.onLine !== false) return pause(400 * Math.pow(2, failed)).then(where);
      // Is it this file that does not get through, or anything at all?
      return ask("GET", "/healthz", {}, null, 8000).then(function () { why.alive = true; }, function () {}).then(function () {
        return Promise.reject(why);
      });
    }
    function begin() {
      var headers = { "Upload-Length": String(size), "Upload-Complete": "?0", "Content-Type": task.blob.type || "image/jpeg" };
      var url = task.door + "/uploads" + (sound ? "?seconds=" + task.seconds : "");
      return ask("POST", url, headers, null, 20000).then(function (answer) {
        if (answer.status !== 201) return answered(answer);
        task.url = answer.getResponseHeader("Location");
        if (task.begun) task.begun(task.url);
        return piece(0);
      }, again);
    }
    function where() {
      if (!task.url) return begin();
      return ask("HEAD", task.url, {}, null, 15000).then(function (answer) {
        if (answer.status === 204 || answer.status === 200) return piece(Number(answer.getResponseHeader("Upload-Offset")));
        return answered(answer);
      }, again);
    }
    // What is no progress: too busy, gone, elsewhere, or refused for good.
    function answered(answer) {
      if (answer.status === 409 && answer.getResponseHeader("Upload-Offset") !== null && failed < TRIES) {
        failed += 1;
        return piece(Number(answer.getResponseHeader("Upload-Offset")));
      }
      if (answer.status === 404 && task.url && anew < 2) {
        anew += 1;
        task.url = null;
        return begin();
      }
      if (answer.status === 429 || answer.status >= 500) return again({ broken: true, sentence: parsed(answer).detail });
      return refused(answer);
    }
    function piece(from) {
      var to = Math.min(from + PIECE, size);
      var headers = {
        "Content-Type": "application/partial-upload", "Upload-Offset": String(from),
        "Upload-Complete": to === size ? "?1" : "?0"
      };
      return ask("PATCH", task.url, headers, task.blob.slice(from, to), 60000, function (sent) {
        if (moved) moved(Math.min(99, Math.floor((from + sent) * 100 / size)));
      }).then(function (answer) {
        if (answer.status === 200) return parsed(answer);
        if (answer.status !== 204) return answered(answer);
        failed = 0;
        var there = Number(answer.getResponseHeader("Upload-Offset"));
        return there > from ? piece(there) : again({ broken: true });
      }, again);
    }
    return where();
  }

  // A photo of at most 1600 pixels, where this phone can make one that stands upright; else as it is.
  function shrink(file) {
    var upright = window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image");
    if (!upright || file.size <= SMALL || !/^image\/(jpeg|png|webp|hei[cf])$/.test(file.type)) return Promise.resolve(file);
    return new Promise(function (go) {
      var image = new Image(), url = URL.createObjectURL(file);
      function done(blob) {
        URL.revokeObjectURL(url);
        go(blob && blob.size < file.size ? blob : file);
      }
      image.onerror = function () { done(null); };
      image.onload = function () {
        try {
          var scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
          var canvas = document.createElement("canvas");
          canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
          canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
          canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
          canvas.toBlob(done, "image/jpeg", 0.85);
        } catch (_) { done(null); }
      };
      image.src = url;
    });
  }

  // The fields of a form as pairs, without files and without the phone number.
  function fields(form) {
    var pairs = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || field.disabled || field.type === "file" || field.name === "phone") return;
      if (/^(button|submit|reset)$/.test(field.type)) return;
      if (/^(checkbox|radio)$/.test(field.type) && !field.checked) return;
      pairs.push([field.name, field.value]);
    });
    return pairs;
  }
  function value(pairs, name) {
    var found = pairs.filter(function (pair) { return pair[0] === name; })[0];
    return found ? found[1] : "";
  }

  // The phone numbers of reports made on this page: in memory alone, and gone with it.
  var numbers = {};

  // Sends a report: its files first, then its words with a key that names it for ever. Once its words were sent, what goes
  // with them never changes, so that sending again is the same report.
  function post(report, moved) {
    var waiting = report.frozen ? [] : report.files.filter(function (file) { return !file.kept && !file.lost; });
    return waiting.reduce(function (before, file) {
      return before.then(function () { return forward(report, file, moved); });
    }, Promise.resolve()).then(function () {
      report.frozen = true;
      save(report);
      var body = new FormData();
      report.fields.forEach(function (pair) { body.append(pair[0], pair[1]); });
      report.files.forEach(function (file) {
        if (file.kept) body.append(file.seconds ? "voice" : "kept", file.kept);
      });
      var missing = report.files.filter(function (file) { return !file.kept && file.place; });
      body.append("missing", missing.map(function (file) { return file.place; }).join(","));
      body.append("phone", numbers[report.key] || "");
      return ask("POST", report.to, { Accept: "application/json" }, body, 45000);
    });
  }
  function forward(report, file, moved) {
    return files.get(file.id).then(function (blob) {
      if (!blob) { file.lost = true; return; }
      var task = {
        door: report.door, blob: blob, seconds: file.seconds, url: file.url,
        begun: function (url) { file.url = url; save(report); }
      };
      return send(task, moved).then(function (kept) {
        file.kept = kept.kept;
        save(report);
      }, function (why) {
        // Refused for good, or the only thing that does not get through: the words go without it.
        if (why.broken && !why.alive) return Promise.reject(why);
        file.lost = true;
        save(report);
      });
    });
  }
  // Only a report that waits is stored; one that goes straight through leaves nothing behind.
  function save(report) {
    var all = list("waiting"), stored = false;
    all.forEach(function (each, place) { if (each.key === report.key) { all[place] = report; stored = true; } });
    if (stored) store("waiting", all);
  }
  function drop(report) {
    store("waiting", list("waiting").filter(function (each) { return each.key !== report.key; }));
    report.files.forEach(function (file) { files.drop(file.id); });
    delete numbers[report.key];
  }
  function wait(report) {
    var all = list("waiting").filter(function (each) { return each.key !== report.key; });
    if (all.length >= MOST_WAITING) return false;
    all.push(report);
    store("waiting", all);
    return list("waiting").some(function (each) { return each.key === report.key; });
  }
  function days(report) { return Math.floor((Date.now() - report.at) / DAY); }

  // What waits and what has gone out, at the top of every page.
  var board = make("div");
  var main = document.getElementById("main");
  if (main) main.insertBefore(board, main.firstChild);
  var sending = null;
  function show() {
    board.textContent = "";
    list("gone").forEach(function (gone) {
      var card = make("section", "card receipt");
      card.setAttribute("role", "status");
      card.appendChild(make("h2", "", say("sent_title")));
      card.appendChild(make("p", "", say("sent_text", { place: gone.place })));
      if (gone.number) card.appendChild(make("p", "", say("sent_no_phone")));
      var link = make("a", "button plain", say("sent_link"));
      link.href = gone.location;
      link.addEventListener("click", function () { forgetGone(gone); });
      card.appendChild(link);
      card.appendChild(button(say("sent_close"), function () { forgetGone(gone); show(); }, "plain"));
      board.appendChild(card);
    });
    list("waiting").forEach(function (report) {
      var card = make("section", "card waiting");
      card.setAttribute("role", "status");
      card.appendChild(make("h2", "", report.refused ? say("refused_title") : say("waiting_title")));
      var photos = report.files.filter(function (file) { return file.place; }).length;
      var voices = report.files.length - photos;
      var what = say("waiting_what", { place: report.place, text: value(report.fields, "text").slice(0, 40) });
      if (photos) what += " " + say("waiting_photos", { count: photos });
      if (voices) what += " " + say("waiting_voice");
      card.appendChild(make("p", "", what));
      if (report.refused) card.appendChild(make("p", "wrong", report.refused));
      else if (sending === report.key) card.appendChild(make("p", "soft", say("waiting_now")));
      else if (days(report) >= ASK_DAYS) card.appendChild(make("p", "soft", say("waiting_old", { days: days(report) })));
      else card.appendChild(make("p", "soft", say("waiting_how")));
      if (report.had_phone && !numbers[report.key]) card.appendChild(make("p", "soft", say("waiting_no_phone")));
      if (report.refused) card.appendChild(button(say("waiting_mend"), function () { mend(report); }));
      else card.appendChild(button(say("waiting_send"), function () { flush(report.key); }));
      card.appendChild(button(say("waiting_drop"), function () {
        if (window.confirm(say("waiting_sure"))) { drop(report); show(); }
      }));
      board.appendChild(card);
    });
  }
  function forgetGone(gone) {
    store("gone", list("gone").filter(function (each) { return each.location !== gone.location; }));
  }
  // Back into its form, to be changed there.
  function mend(report) {
    page.keep("localStorage", "draft:" + report.action, value(report.fields, "text"));
    store("more:" + report.action, { at: Date.now(), fields: report.fields, files: [] });
    drop(report);
    location.assign(report.action);
  }

  // One window at a time sends what waits. That two would do no harm, the keys see to; this saves the signal.
  function alone(work) {
    if (navigator.locks && navigator.locks.request) {
      return navigator.locks.request("louma-waiting", { ifAvailable: true }, function (lock) { return lock && work(); });
    }
    var lease = list("lease"), mine = page.random();
    if (lease[1] > Date.now()) return Promise.resolve();
    store("lease", [mine, Date.now() + 60000]);
    return pause(60).then(function () {
      if (list("lease")[0] !== mine) return;
      return work().then(function () { page.forget("localStorage", "lease"); });
    });
  }
  var retry = 0, timer = null, flushing = false;
  function flush(asked) {
    if (flushing || !list("waiting").length) return Promise.resolve();
    if (navigator.onLine === false && !asked) return Promise.resolve();
    flushing = true;
    clearTimeout(timer);
    return Promise.resolve(alone(function () {
      return list("waiting").reduce(function (before, report) {
        return before.then(function () { return one(report, asked); });
      }, Promise.resolve());
    })).catch(function () {
      retry = Math.min(retry + 1, 6);
      timer = setTimeout(flush, 5000 * Math.pow(2, retry));
    }).then(function () {
      flushing = false;
      sending = null;
      show();
    });
  }
  function one(report, asked) {
    // Sent or thrown away by another window meanwhile.
    var now = list("waiting").filter(function (each) { return each.key === report.key; })[0];
    if (!now || now.refused || (days(now) >= ASK_DAYS && asked !== now.key)) return;
    sending = now.key;
    show();
    return post(now).then(function (answer) {
      if (answer.status === 201) {
        var went = parsed(answer), here = made === now.key;
        var unnumbered = now.had_phone && !numbers[now.key];
        drop(now);
        page.arrived(now.action);
        retry = 0;
        if (here && document.visibilityState !== "hidden") { location.assign(went.location); return; }
        store("gone", list("gone").concat([{ location: went.location, place: now.place, number: unnumbered }]));
        return;
      }
      if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return Promise.reject({ broken: true });
      now.refused = parsed(answer).detail || say("refused_gone");
      save(now);
    });
  }
  var made = null;

  // The form of a door.
  page.each("form[data-door]", function (form) {
    var door = form.getAttribute("data-door"), action = form.getAttribute("data-key");
    var slots = Array.prototype.slice.call(form.querySelectorAll("[data-slot]")).map(slot);
    var voice = recorder();
    var leaving = false;

    function remember() {
      if (leaving) return;
      var held = slots.concat(voice ? [voice] : []).filter(function (each) { return each.id; });
      store("more:" + action, { at: Date.now(), fields: fields(form).filter(function (pair) {
        return /^(category|share_phone|publish)$/.test(pair[0]);
      }), files: held.map(function (each) {
        return { id: each.id, place: each.place, seconds: each.seconds, kept: each.kept, url: each.url };
      }) });
    }
    form.addEventListener("change", remember);

    function slot(node, index) {
      var input = node.querySelector("input"), remove = node.querySelector("button");
      var bar = make("progress"), line = make("p", "soft state"), retry = button(say("photo_again"), function () { go(); });
      var image = node.querySelector("img") || node.insertBefore(make("img"), input.nextSibling);
      image.alt = node.getAttribute("data-slot");
      image.hidden = !image.src;
      var self = { place: index + 1 };
      bar.max = 100;
      bar.setAttribute("aria-hidden", "true");
      bar.hidden = line.hidden = retry.hidden = true;
      line.setAttribute("role", "status");
      [bar, line, retry].forEach(function (each) { node.insertBefore(each, remove); });
      function tell(words, kind) {
        line.hidden = !words;
        line.textContent = words || "";
        line.className = kind || "soft state";
      }
      function clear() {
        if (self.id) files.drop(self.id);
        if (self.url && !self.kept) ask("DELETE", self.url, {}, null, 10000).catch(function () {});
        if (self.hidden) self.hidden.remove();
        self.id = self.kept = self.url = self.hidden = self.task = self.lost = null;
        input.disabled = false;
        bar.hidden = retry.hidden = true;
        tell("");
      }
      function keep(kept) {
        self.kept = kept;
        self.hidden = make("input");
        self.hidden.type = "hidden";
        self.hidden.name = "kept";
        self.hidden.value = kept;
        node.appendChild(self.hidden);
        // The photo is there: the form need not carry it once more.
        input.disabled = true;
        bar.hidden = retry.hidden = true;
        tell(say("photo_there"));
        remember();
      }
      function go() {
        var id = self.id;
        retry.hidden = true;
        bar.hidden = false;
        bar.value = 0;
        tell(say("photo_sending", { percent: 0 }));
        self.lost = null;
        self.task = files.get(id).then(function (blob) {
          var task = { door: door, blob: blob, url: self.url, begun: function (url) { self.url = url; remember(); } };
          return send(task, function (percent) {
            if (self.id !== id) return;
            bar.value = percent;
            tell(say("photo_sending", { percent: percent }));
          });
        }).then(function (kept) { if (self.id === id) keep(kept.kept); }, function (why) {
          if (self.id !== id) return;
          self.lost = why;
          bar.hidden = true;
          retry.hidden = !why.broken;
          tell(why.sentence || say("photo_later"), why.broken ? "soft state" : "wrong state");
        });
        return self.task;
      }
      self.go = function () { return self.id && !self.kept && self.task ? go() : Promise.resolve(); };
      function take(file) {
        var id = self.id = "draft:" + action + "/" + self.place + "/" + page.random().slice(0, 8);
        self.task = shrink(file).then(function (blob) {
          return files.put(id, blob).then(function () { if (self.id === id) { remember(); return go(); } });
        });
      }
      input.addEventListener("change", function () {
        clear();
        if (input.files[0]) take(input.files[0]);
        remember();
      });
      // Chosen before this script was there, or put back by the browser.
      self.adopt = function () { if (!self.id && input.files[0]) take(input.files[0]); };
      remove.addEventListener("click", function () {
        clear();
        if (self.restored) { self.restored = false; image.removeAttribute("src"); }
        remember();
        page.slots();
      });
      // What was chosen on an earlier visit.
      self.restore = function (held) {
        if (held.kept) {
          image.src = door + "/photos/" + held.kept;
          self.id = held.id;
          keep(held.kept);
        }
        return (held.kept ? Promise.resolve(true) : files.get(held.id)).then(function (blob) {
          if (!blob) return false;
          self.id = held.id;
          self.url = held.url;
          self.restored = true;
          if (!held.kept) { image.src = URL.createObjectURL(blob); go(); }
          node.hidden = image.hidden = remove.hidden = false;
          node.setAttribute("data-held", "");
          return true;
        });
      };
      return self;
    }

    // A voice message of up to a minute, where the browser can record one.
    function recorder() {
      var box = form.querySelector("[data-voice]");
      var devices = navigator.mediaDevices;
      if (!box || !window.MediaRecorder || !devices || !devices.getUserMedia) return null;
      var self = {}, running = null, begun = 0, clock = null;
      var hidden = make("input"), line = make("p", "soft state"), player = make("audio");
      hidden.type = "hidden";
      hidden.name = "voice";
      player.controls = true;
      line.setAttribute("role", "status");
      var start = button(say("voice_start"), toggle, "plain"), away = button(say("voice_drop"), function () { clear(); remember(); });
      player.hidden = away.hidden = line.hidden = true;
      [start, line, player, away].forEach(function (each) { box.appendChild(each); });
      box.hidden = false;
      var kinds = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/aac"];
      var kind = kinds.filter(function (each) { return MediaRecorder.isTypeSupported && MediaRecorder.isTypeSupported(each); })[0];
      function tell(words, wrong) { line.hidden = !words; line.textContent = words; line.className = wrong ? "wrong state" : "soft state"; }
      function clear() {
        if (self.id) files.drop(self.id);
        self.id = self.kept = self.url = self.task = self.lost = null;
        hidden.remove();
        player.hidden = away.hidden = true;
        player.removeAttribute("src");
        start.textContent = say("voice_start");
        tell("");
      }
      function toggle() {
        if (running) { running.stop(); return; }
        devices.getUserMedia({ audio: true }).then(record, function () { tell(say("voice_refused"), true); });
      }
      function record(stream) {
        var parts = [];
        clear();
        running = kind ? new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 32000 }) : new MediaRecorder(stream);
        running.ondataavailable = function (event) { if (event.data.size) parts.push(event.data); };
        running.onstop = function () {
          var seconds = Math.min(SPEAK, Math.max(1, Math.round((Date.now() - begun) / 1000)));
          var type = (running.mimeType || kind || "audio/webm").split(";")[0].replace("video/", "audio/");
          clearInterval(clock);
          running = null;
          stream.getTracks().forEach(function (track) { track.stop(); });
          if (parts.length) take(new Blob(parts, { type: type }), seconds);
        };
        begun = Date.now();
        running.start();
        clock = setInterval(tick, 250);
        tick();
      }
      function tick() {
        var seconds = Math.floor((Date.now() - begun) / 1000);
        start.textContent = say("voice_stop", { seconds: seconds, most: SPEAK });
        if (seconds >= SPEAK && running) running.stop();
      }
      function take(blob, seconds) {
        self.id = "draft:" + action + "/voice/" + page.random().slice(0, 8);
        self.seconds = seconds;
        player.src = URL.createObjectURL(blob);
        player.hidden = away.hidden = false;
        start.textContent = say("voice_again");
        var id = self.id;
        self.task = files.put(id, blob).then(function () { remember(); if (self.id === id) return go(); });
      }
      function go() {
        var id = self.id;
        tell(say("voice_sending"));
        self.lost = null;
        self.task = files.get(id).then(function (blob) {
          return send({ door: door, blob: blob, seconds: self.seconds, url: self.url, begun: function (url) { self.url = url; } });
        }).then(function (kept) {
          if (self.id !== id) return;
          self.kept = hidden.value = kept.kept;
          form.appendChild(hidden);
          tell(say("voice_there", { seconds: self.seconds }));
          remember();
        }, function (why) {
          if (self.id !== id) return;
          self.lost = why;
          tell(why.sentence || say("photo_later"), !why.broken);
        });
        return self.task;
      }
      self.go = function () { return self.id && !self.kept && self.task ? go() : Promise.resolve(); };
      self.restore = function (held) {
        return files.get(held.id).then(function (blob) {
          if (!blob) return false;
          take(blob, held.seconds);
          return true;
        });
      };
      return self;
    }

    function everything() { return slots.concat(voice ? [voice] : []).filter(function (each) { return each.id; }); }

    function report() {
      // What is kept goes as a file of the report, not as a field: a field that came with the page stays one.
      var own = everything().map(function (each) { return each.kept; });
      var pairs = fields(form).filter(function (pair) {
        return !(/^(kept|voice)$/.test(pair[0]) && own.indexOf(pair[1]) >= 0);
      });
      return {
        key: value(pairs, "idempotency_key"), door: door, action: action, to: form.getAttribute("action"), at: Date.now(), fields: pairs,
        place: form.getAttribute("data-place"), had_phone: !!form.elements.phone.value,
        files: everything().map(function (each) {
          return {
            id: each.id, place: each.place, seconds: each.seconds, kept: each.kept, url: each.url,
            lost: !!each.lost && (!each.lost.broken || !!each.lost.alive)
          };
        })
      };
    }

    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      page.ensureKey(form);
      var spoken = voice && voice.id;
      var whole = form.querySelector("[name=category]:checked") && (form.elements.text.value.trim() || spoken);
      // What is not whole is told by the server's page; without a signal, here.
      if (!whole && navigator.onLine !== false) return;
      event.preventDefault();
      adopt();
      if (!whole) { page.free(form); note(say("not_whole"), true); return; }
      var skipped = false, hurry, hurried = new Promise(function (go) { hurry = go; });
      var skip = button(say("photos_skip"), function () { skipped = true; hurry(); });
      var later = setTimeout(function () { note(say("photos_slow"), false, skip); }, 8000);
      Promise.race([settled(), hurried]).then(function () {
        clearTimeout(later);
        note("");
        var ready = report();
        numbers[ready.key] = form.elements.phone.value;
        if (skipped) ready.files.forEach(function (file) { file.lost = !file.kept; });
        // Where nothing gets through, the photos wait together with the words.
        if (navigator.onLine === false || cut()) return keep(ready);
        return post(ready).then(function (answer) { return arrived(ready, answer); }, function () { return keep(ready); });
      });
    });
    function cut() { return everything().some(function (each) { return each.lost && each.lost.broken && !each.lost.alive; }); }
    function settled() { return Promise.all(everything().map(function (each) { return each.task; })); }
    function arrived(ready, answer) {
      if (answer.status === 201) {
        leaving = true;
        drop(ready);
        everything().forEach(function (each) { files.drop(each.id); });
        page.arrived(action);
        location.assign(parsed(answer).location);
        return;
      }
      if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return keep(ready);
      // Its page says what to mend: the same form, sent as without this script.
      delete numbers[ready.key];
      form.submit();
    }
    function keep(ready) {
      page.free(form);
      if (!wait(ready)) { note(say("waiting_full"), true); return; }
      made = ready.key;
      leaving = true;
      page.arrived(action);
      // The words are on the card now; an empty form keeps nobody from sending them twice but us.
      form.hidden = true;
      show();
      board.scrollIntoView();
      timer = setTimeout(flush, 5000);
    }

    var said = make("p");
    said.setAttribute("role", "status");
    form.querySelector("button:not([type=button])").parentNode.appendChild(said);
    function note(words, wrong, more) {
      said.textContent = words;
      said.className = wrong ? "wrong" : "soft";
      if (more) said.appendChild(more);
    }

    function adopt() { slots.forEach(function (each) { each.adopt(); }); }
    adopt();

    // What was begun on an earlier visit is back in its place, and says so.
    (function offer() {
      var more = list("more:" + action), text = form.elements.text, came = page.restored(form);
      if (!more.at || Date.now() - more.at > DRAFT_DAYS * DAY) {
        (more.files || []).forEach(function (held) { files.drop(held.id); });
        more = { fields: [], files: [] };
      }
      (more.fields || []).forEach(function (pair) {
        page.each("[name='" + pair[0] + "']", function (field) {
          if (field.value === pair[1] && !field.checked) { field.checked = true; came = came || pair[0] === "category"; }
        }, form);
      });
      var back = (more.files || []).map(function (held) {
        if (!held.place) return voice ? voice.restore(held) : Promise.resolve(false);
        var free = slots[held.place - 1];
        return free && !free.id ? free.restore(held) : Promise.resolve(false);
      });
      Promise.all(back).then(function (done) {
        page.slots();
        if (!came && done.indexOf(true) < 0) return;
        var card = make("section", "card waiting");
        card.setAttribute("role", "status");
        card.appendChild(make("p", "", say("draft_back")));
        card.appendChild(button(say("draft_drop"), function () {
          everything().forEach(function (each) { files.drop(each.id); });
          leaving = true;
          page.forget("localStorage", "more:" + action);
          page.forget("localStorage", "draft:" + action);
          text.value = "";
          location.replace(form.getAttribute("action"));
        }));
        form.parentNode.insertBefore(card, form);
        form.addEventListener("submit", function () { card.hidden = true; });
      });
    })();

    window.addEventListener("pageshow", function (event) {
      adopt();
      // From memory, after its report has gone: free again. The same words with the same photos are the same report.
      if (!event.persisted || !leaving) return;
      leaving = false;
      form.hidden = list("waiting").some(function (report) { return report.key === made; });
    });
    window.addEventListener("online", function () {
      everything().forEach(function (each) { if (each.lost && each.lost.broken) each.go(); });
    });
  });

  window.addEventListener("online", function () { retry = 0; flush(); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "visible") flush(); });
  window.addEventListener("pageshow", function () { show(); flush(); });
  window.addEventListener("storage", function (event) { if (event.key === "waiting" || event.key === "gone") show(); });
  show();
  flush();
})();
