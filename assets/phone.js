// A phone with a bad signal: files go ahead of their report, piece by piece and again after a break; a report that cannot
// be sent waits here and goes out once. The form of a door builds on this (door.js). Loaded after the page; everything
// works without it. What waits never holds the phone number. See docs/phone.md.
(function () {
  "use strict";
  var page = window.louma;
  if (!page || !window.Promise || !window.FormData || !window.JSON) return;

  var PIECE = 256 * 1024, SIDE = 1600, SMALL = 500 * 1024, TRIES = 5;
  var ASK_DAYS = 3, MOST_WAITING = 5;
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
  // { busy } says that the server has no room ahead just now: then a photo goes in the form itself.
  function send(task, moved) {
    var sound = /^audio\//.test(task.blob.type), size = task.blob.size, failed = 0, anew = 0;
    function refused(request) {
      return Promise.reject({ sentence: parsed(request).detail || say("photo_refused") });
    }
    function again(why) {
      failed += 1;
      if (failed < (why.busy ? 2 : TRIES) && navigator.onLine !== false) return pause(400 * Math.pow(2, failed)).then(where);
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
      if (answer.status === 429 || answer.status >= 500) {
        return again({ broken: true, busy: answer.status === 429 || answer.status === 503, sentence: parsed(answer).detail });
      }
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
    var waiting = report.frozen ? [] : report.files.filter(function (file) { return !file.kept && !file.lost && !file.direct; });
    return waiting.reduce(function (before, file) {
      return before.then(function () { return forward(report, file, moved); });
    }, Promise.resolve()).then(function () {
      report.frozen = true;
      save(report);
      // What found no room ahead goes in the form itself.
      return Promise.all(report.files.map(function (file) { return file.direct && !file.kept ? files.get(file.id) : null; }));
    }).then(function (blobs) {
      var body = new FormData();
      report.fields.forEach(function (pair) { body.append(pair[0], pair[1]); });
      report.files.forEach(function (file, at) {
        if (file.kept) body.append(file.place ? "kept" : "voice", file.kept);
        else if (blobs[at]) body.append("photo", blobs[at], "photo.jpg");
      });
      var missing = report.files.filter(function (file, at) { return !file.kept && file.place && !blobs[at]; });
      body.append("missing", missing.map(function (file) { return file.place; }).join(","));
      body.append("phone", numbers[report.key] || "");
      return ask("POST", page.sized(report.to), { Accept: "application/json" }, body, blobs.some(Boolean) ? 180000 : 45000);
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
        // A voice that is all there is waits for room.
        if (why.busy && file.seconds && !value(report.fields, "text").trim()) return Promise.reject(why);
        if (why.busy && file.place) file.direct = true;
        else file.lost = true;
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
    waitsNoMore(report);
    report.files.forEach(function (file) { files.drop(file.id); });
  }
  function waitsNoMore(report) {
    store("waiting", list("waiting").filter(function (each) { return each.key !== report.key; }));
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
      var words = value(report.fields, "text");
      var what = say("waiting_what", { place: report.place, text: report.closed ? words : words.slice(0, 40) });
      if (photos) what += " " + say("waiting_photos", { count: photos });
      if (voices) what += " " + say("waiting_voice");
      card.appendChild(make("p", "", what));
      if (report.refused) card.appendChild(make("p", "wrong", report.refused));
      else if (sending === report.key) card.appendChild(make("p", "soft", say("waiting_now")));
      else if (days(report) >= ASK_DAYS) card.appendChild(make("p", "soft", say("waiting_old", { days: days(report) })));
      else card.appendChild(make("p", "soft", say("waiting_how")));
      if (report.had_phone && !numbers[report.key]) card.appendChild(make("p", "soft", say("waiting_no_phone")));
      // Where the code no longer opens a form there is none to mend it in: the card keeps the words.
      if (report.refused && !report.closed) card.appendChild(button(say("waiting_mend"), function () { mend(report); }));
      else if (!report.refused) card.appendChild(button(say("waiting_send"), function () { flush(report.key); }));
      card.appendChild(button(say("waiting_drop"), function () {
        if (window.confirm(say("waiting_sure"))) { drop(report); show(); }
      }));
      board.appendChild(card);
    });
  }
  function forgetGone(gone) {
    store("gone", list("gone").filter(function (each) { return each.location !== gone.location; }));
  }
  // Back into its form, with its files, to be changed there.
  function mend(report) {
    page.keep("localStorage", "draft:" + report.action, value(report.fields, "text"));
    store("more:" + report.action, { at: Date.now(), fields: report.fields, files: report.files.concat(came(report)) });
    waitsNoMore(report);
    location.assign(page.sized(report.to));
  }
  // The files that had come with an earlier page of the form, which name them as fields.
  function came(report) {
    var dropped = report.fields.filter(function (pair) { return /removed$/.test(pair[0]); }).map(function (pair) { return pair[1]; });
    var taken = report.files.map(function (file) { return file.place; }), free = 1;
    return report.fields.filter(function (pair) {
      return /^(kept|voice)$/.test(pair[0]) && dropped.indexOf(pair[1]) < 0;
    }).map(function (pair) {
      var file = { id: "came:" + page.random().slice(0, 8), kept: pair[1] };
      if (pair[0] === "voice") return file;
      while (taken.indexOf(free) >= 0) free += 1;
      file.place = free;
      taken.push(free);
      return file;
    });
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
      now.closed = answer.status === 404 || answer.status === 410;
      save(now);
    });
  }
  var made = null;

  // What the form of a door builds on.
  page.phone = {
    make: make, button: button, list: list, store: store, files: files, ask: ask, parsed: parsed, send: send, shrink: shrink,
    fields: fields, value: value, post: post, drop: drop, wait: wait, show: show, numbers: numbers, board: board,
    soon: function () { timer = setTimeout(flush, 5000); },
    // Its receipt is shown by itself, where this page still waits for it.
    madeHere: function (key) { made = key; }
  };
  page.each("form[data-more]", function (form) {
    var script = document.createElement("script");
    script.src = form.getAttribute("data-more");
    document.body.appendChild(script);
  });

  window.addEventListener("online", function () { retry = 0; flush(); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "visible") flush(); });
  window.addEventListener("pageshow", function () { show(); flush(); });
  window.addEventListener("storage", function (event) { if (event.key === "waiting" || event.key === "gone") show(); });
  show();
  flush();
})();
