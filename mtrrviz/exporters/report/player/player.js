"use strict";
(function () {
  var data = JSON.parse(document.getElementById("player-data").textContent);
  var bits = data.bits;
  var controls = document.getElementById("player");
  var slider = document.getElementById("player-time");
  var playButton = document.getElementById("player-play");
  var pace = document.getElementById("player-pace");
  var clock = document.getElementById("player-clock");
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var still = window.matchMedia("(prefers-reduced-motion: reduce)");
  var now = data.at;
  var timer = null;
  var colours = {};
  var typeOf = {};
  data.types.forEach(function (type) { typeOf[type.value] = type; });

  function unpack(text, View) {
    var raw = atob(text);
    var bytes = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i += 1) { bytes[i] = raw.charCodeAt(i); }
    return new View(bytes.buffer);
  }

  // The number of ascending values that are not after a time.
  function until(times, time) {
    var low = 0, high = times.length;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (times[middle] <= time) { low = middle + 1; } else { high = middle; }
    }
    return low;
  }

  var players = data.runs.map(function (run, number) {
    return {
      run: run,
      canvas: document.getElementById("player-map-" + number),
      words: document.getElementById("player-words-" + number),
      head: document.getElementById("player-head-" + number),
      times: unpack(run.times, Float64Array),
      counts: unpack(run.counts, Uint32Array),
      changes: unpack(run.changes, Uint16Array),
      leaves: unpack(run.leaves, Uint32Array),
      zaps: unpack(run.zaps, Float64Array),
      zapCounts: unpack(run.zapCounts, Uint32Array),
      shown: new Uint16Array(run.dots),
      steps: 0,
      at: 0
    };
  });

  // Let `shown` be what the dots show after so many steps.
  function seek(player, steps) {
    if (steps < player.steps) {
      player.shown.fill(0);
      player.steps = 0;
      player.at = 0;
    }
    while (player.steps < steps) {
      for (var n = player.counts[player.steps]; n > 0; n -= 1) {
        var first = player.changes[player.at];
        player.shown.fill(player.changes[player.at + 2], first, first + player.changes[player.at + 1]);
        player.at += 3;
      }
      player.steps += 1;
    }
  }

  function readColours() {
    var style = getComputedStyle(document.documentElement);
    ["--panel", "--text", "--dim", "--stale", "--line"].forEach(function (name) {
      colours[name] = style.getPropertyValue(name).trim();
    });
  }

  function draw(player) {
    var run = player.run, canvas = player.canvas;
    var ratio = (canvas.clientWidth || run.width) * (window.devicePixelRatio || 1) / run.width;
    canvas.width = Math.round(run.width * ratio);
    canvas.height = Math.round(run.height * ratio);
    var paint = canvas.getContext("2d");
    paint.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.fillStyle = colours["--panel"];
    paint.fillRect(0, 0, run.width, run.height);
    run.bands.forEach(function (band) {
      caption(paint, band);
      for (var dot = 0; dot < band.dots; dot += 1) {
        drawDot(paint, band, dot, player.shown[band.first + dot]);
      }
    });
  }

  function caption(paint, band) {
    paint.save();
    paint.beginPath();
    paint.rect(band.captionX, band.captionY - 16, band.captionWidth, 18);
    paint.clip();
    paint.font = "10px system-ui, sans-serif";
    paint.fillStyle = colours["--text"];
    paint.fillText(band.name, band.captionX, band.captionY - 4);
    paint.fillStyle = colours["--dim"];
    // A caption has no half numbers: what does not fit is left out.
    var x = band.captionX + paint.measureText(band.name + "  ").width;
    [band.range, band.scale].some(function (words) {
      var width = paint.measureText(words).width;
      if (x + width > band.captionX + band.captionWidth) { return true; }
      paint.fillText(words, x, band.captionY - 4);
      x += width + paint.measureText("  ").width;
      return false;
    });
    paint.restore();
  }

  function drawDot(paint, band, dot, what) {
    var inTiles = dot + band.pad, tileDots = band.tileW * band.tileH;
    var tile = Math.floor(inTiles / tileDots), inner = inTiles % tileDots;
    var row = Math.floor(tile / band.columns), column = tile % band.columns;
    var x = band.x + column * (band.tileW * band.dotW + band.gap) + (inner % band.tileW) * band.dotW;
    var y = band.y + row * (band.tileH * band.dotH + band.gap) +
      Math.floor(inner / band.tileW) * band.dotH;
    var w = band.dotW, h = band.dotH;
    if (what & bits.noSlot) {
      paint.fillStyle = colours["--line"];
      paint.fillRect(x, y + h / 2 - 0.5, w, 1);
      return;
    }
    var first = typeOf[what & 7], second = typeOf[(what >> bits.second) & 7];
    if (!first) { return; }
    var isLeaf = (what & bits.leaf) !== 0;
    paint.globalAlpha = isLeaf && !(what & bits.part) ? 1 : 0.3;
    paint.fillStyle = first.colour;
    paint.fillRect(x, y, w, h);
    paint.globalAlpha = isLeaf ? 1 : 0.3;
    if (what & bits.part) { paint.fillRect(x + 1, y + 1, Math.max(w - 2, 1), Math.max(h - 2, 1)); }
    if (second && second !== first) {
      paint.fillStyle = second.colour;
      paint.fillRect(x + w / 2, y, w / 2, h / 2);
      paint.fillRect(x, y + h / 2, w / 2, h / 2);
    }
    paint.globalAlpha = 1;
    if (what & bits.stale) {
      paint.strokeStyle = colours["--stale"];
      paint.strokeRect(x + 0.5, y + 0.5, Math.max(w - 1, 0.5), Math.max(h - 1, 0.5));
    }
  }

  function seconds(time) { return (Math.floor(time / 1e6) / 1e3).toFixed(3) + " s"; }

  function show() {
    var share = now / data.duration;
    var x = data.axis[0] + (data.axis[1] - data.axis[0]) * share;
    var all = [];
    players.forEach(function (player) {
      var steps = Math.max(until(player.times, now), 1);
      var zapped = until(player.zaps, now);
      var zaps = zapped > 0 ? player.zapCounts[zapped - 1] : 0;
      var words = zaps + (zaps === 1 ? " zap" : " zaps") + " so far";
      seek(player, steps);
      draw(player);
      player.head.setAttribute("x1", x);
      player.head.setAttribute("x2", x);
      all.push(player.run.policy + ": " + words);
      data.types.forEach(function (type, at) {
        var leaves = player.leaves[(steps - 1) * data.types.length + at];
        words += ", " + type.name + " " + leaves.toLocaleString("en");
      });
      words = words.replace(",", "; leaves:");
      player.words.textContent = words;
      player.canvas.setAttribute("aria-label",
        "Map under " + player.run.policy + " at " + seconds(now) + ": " + words);
    });
    slider.value = String(Math.round(share * 10000));
    slider.setAttribute("aria-valuetext", seconds(now) + ", " + all.join(", "));
    clock.textContent = seconds(now) + " of " + seconds(data.duration);
  }

  function go(time) {
    now = Math.min(Math.max(time, 0), data.duration);
    show();
  }

  function pause() {
    clearTimeout(timer);
    timer = null;
    playButton.textContent = "Play";
  }

  function play() {
    if (now >= data.duration) { go(0); }
    playButton.textContent = "Pause";
    var before = performance.now();
    // Who wants less motion sees two pictures a second.
    var wait = still.matches ? 500 : 40;
    function step() {
      var present = performance.now();
      go(now + (present - before) * 1e6 * Number(pace.value));
      before = present;
      if (now >= data.duration) { pause(); } else { timer = setTimeout(step, wait); }
    }
    timer = setTimeout(step, wait);
  }

  function toggle() { if (timer === null) { play(); } else { pause(); } }

  function zap(forward) {
    pause();
    var best = forward ? data.duration : 0;
    players.forEach(function (player) {
      var after = until(player.zaps, now);
      if (forward && after < player.zaps.length) { best = Math.min(best, player.zaps[after]); }
      var at = after - 1;
      while (at >= 0 && player.zaps[at] >= now) { at -= 1; }
      if (!forward && at >= 0) { best = Math.max(best, player.zaps[at]); }
    });
    go(best);
  }

  playButton.addEventListener("click", toggle);
  document.getElementById("player-next").addEventListener("click", function () { zap(true); });
  document.getElementById("player-previous").addEventListener("click", function () { zap(false); });
  slider.addEventListener("input", function () {
    pause();
    go(Number(slider.value) / 10000 * data.duration);
  });
  players.forEach(function (player) {
    var picture = player.head.ownerSVGElement;
    picture.addEventListener("click", function (event) {
      var box = picture.getBoundingClientRect();
      var x = (event.clientX - box.left) / box.width * picture.viewBox.baseVal.width;
      pause();
      go((x - data.axis[0]) / (data.axis[1] - data.axis[0]) * data.duration);
    });
  });
  document.addEventListener("keydown", function (event) {
    var name = event.target.tagName;
    // Brackets are typed with AltGr on many keyboards, which some systems tell as Ctrl and Alt.
    var isTyped = event.getModifierState("AltGraph");
    if (!isTyped && (event.ctrlKey || event.altKey || event.metaKey)) { return; }
    if (event.key === "]") { zap(true); }
    else if (event.key === "[") { zap(false); }
    else if (event.key === " " && name !== "BUTTON" && name !== "SELECT" && name !== "SUMMARY") {
      event.preventDefault();
      toggle();
    }
  });
  dark.addEventListener("change", function () { readColours(); show(); });
  window.addEventListener("resize", show);
  readColours();
  controls.hidden = false;
  show();
}());
