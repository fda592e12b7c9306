/* field.js: comforts for phone pages; every page works without it. ES5, for old web views.
   Nothing a person typed is kept on the phone: drafts go to the server. */
(function () {
  'use strict';
  var root = document.documentElement;
  function all(selector, within) { return [].slice.call((within || document).querySelectorAll(selector)); }
  function one(selector, within) { return (within || document).querySelector(selector); }
  function up(node, selector) {
    while (node && node.nodeType === 1) { if (node.matches(selector)) return node; node = node.parentNode; }
    return null;
  }
  function say(selector, text) { all(selector).forEach(function (node) { node.textContent = text; }); }

  /* money: yuan as people type it, counted in whole fen */
  function fen(text) {
    var plain = String(text || '').replace(/[０-９．]/g, function (c) {
      return String.fromCharCode(c.charCodeAt(0) - 65248);
    }).replace(/[\s,，元]/g, '');
    var match = /^(\d+(?:\.\d+)?)(万?)$/.exec(plain);
    return match ? Math.round(match[1] * (match[2] ? 1000000 : 100)) : null;
  }
  function yuan(amount) { return String(Math.floor(amount / 100)).replace(/\B(?=(\d{3})+$)/g, ','); }
  function signed(amount) { return (amount < 0 ? '-' : '') + yuan(Math.abs(amount)); }

  function compare(box) {
    var input = one('.box input', box), same = one('.same input', box);
    if (!input || !input.hasAttribute('data-last')) return;
    var before = fen(input.getAttribute('data-last')), now = fen(input.value);
    var hint = box.parentNode && one('[data-change]', box.parentNode);
    var why = one('[data-why]', box.parentNode), unasked = one('[data-unasked]', box.parentNode);
    if (same && now !== before) same.checked = false;
    if (unasked && now !== null) unasked.checked = false;
    if (why) why.hidden = now === null || now === before || Math.abs(now - before) < before * 0.3;
    if (hint) hint.textContent = now === null || now === before ? '' :
      (now < before ? '↓ 少 ' : '↑ 多 ') + yuan(Math.abs(now - before));
  }
  function total() {
    var sums = {}, net = 0, missing = 0, live = one('[data-live]');
    all('[data-amount]').forEach(function (box) {
      var name = box.getAttribute('data-amount'), sign = +(box.getAttribute('data-sign') || 1);
      var amount = fen(one('.box input', box).value);
      if (amount === null) { if (sign) missing++; return; }  /* blank is not zero */
      sums[name] = (sums[name] || 0) + amount * (sign || 1); net += amount * sign;
    });
    all('[data-sum]').forEach(function (node) {
      var sum = sums[node.getAttribute('data-sum')];
      node.textContent = sum === undefined ? '—' : signed(sum);
    });
    if (!live) return;
    var persons = one('[data-persons]');
    var members = persons ? +persons.value : +live.getAttribute('data-members');
    var line = fen(live.getAttribute('data-line')), bar = one('[data-gauge]', live);
    var known = members > 0 && !missing, each = known ? Math.floor(net / members) : 0;
    var label = line ? (live.getAttribute('data-line-label') || '监测线') + ' ' + yuan(line) : '', gap = each - line;
    say('[data-per-capita]', known ? signed(each) : '—');
    say('[data-gap]', !known ? (missing ? '还有 ' + missing + ' 项没有数' : '先填几口人') : !line ? '' :
      !gap ? '正好是' + label : (gap < 0 ? '↓ 比' : '↑ 比') + label + (gap < 0 ? ' 低 ' : ' 高 ') +
      yuan(gap < 0 ? Math.ceil(-gap / 100) * 100 : gap));
    if (bar) bar.setAttribute('width', (known ? Math.max(1, Math.min(100, each / line * 62.5)) : 0) + '%');
  }

  var form = one('form[data-draft-url]'), timer = 0, tries = 0, sending = false, changed = false;

  /* sections of a survey, one at a time */
  var sections = all('[data-sections] [data-section]');
  function go(id, focus) {
    var found = sections.filter(function (section) { return section.id === id; })[0];
    if (!found) return false;
    sections.forEach(function (section) { section.hidden = section !== found; });
    var live = one('[data-live]'), place = form && form.elements.section;
    if (live) live.hidden = !found.hasAttribute('data-with-live');
    if (place && id !== 'steps') place.value = id;
    if (focus && form) later(0);
    if (focus) { window.scrollTo(0, 0); found.tabIndex = -1; found.focus(); }
    return true;
  }
  function goHash(focus) {
    var id = location.hash.slice(1), target = id && document.getElementById(id);
    var section = target && up(target, '[data-section]');
    if (section) { go(section.id, focus && section === target); if (section !== target) target.focus(); return true; }
    return false;
  }

  /* draft: the server keeps it, a moment after the last key */
  function later(delay) { clearTimeout(timer); timer = setTimeout(save, delay); }
  function save() {
    if (sending) { changed = true; return; }
    if (form.getAttribute('data-sent')) return;
    var request = new XMLHttpRequest(), data = new FormData(form);
    if (data.delete) all('input[type=file]', form).forEach(function (file) { data.delete(file.name); });  /* sent once, with the form */
    sending = true; changed = false;
    request.open('POST', form.getAttribute('data-draft-url'));
    request.timeout = 30000;
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.onloadend = function () {
      var answer = null, status = request.status;
      sending = false;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (status === 200 && answer) {
        tries = 0; keptAgain();
        say('[data-draft-status]', '已存好 ' + (answer.saved || ''));
        if (answer.version !== undefined && form.elements.version) form.elements.version.value = answer.version;
        for (var key in answer.texts || {}) say('[data-text="' + key + '"]', answer.texts[key]);
        strips();
        if (changed) later(800);
      } else if (status === 409) say('[data-draft-status]', '存好了，但这户有人改过，请刷新看看');
      else if (status === 403 || status === 200) say('[data-draft-status]', '没有存上，请重新登录');
      else if (status >= 400 && status < 500) say('[data-draft-status]', '没有存上，请检查填的内容');
      else {
        say('[data-draft-status]', '网络不通，先别关这一页');
        if (!one('#offline')) offline(form, null, UNSAVED);
        later([5, 15, 60][Math.min(tries++, 2)] * 1000);
      }
    };
    request.send(data);
  }

  /* a strip without words is not shown */
  function strips() {
    all('[data-strip]').forEach(function (strip) { strip.hidden = !one('[data-text]', strip).textContent; });
  }
  /* one tick for all that were not answered */
  function tickAll(tick) {
    all(tick.getAttribute('data-ticks'), up(tick, '[data-section]')).forEach(function (input) {
      var box = up(input, '.money'), money = box && one('.box input', box);
      if (!box) { if (!one('input[name="' + input.name + '"]:checked', form)) input.checked = true; return; }
      var unasked = one('[data-unasked]', box.parentNode);
      if ((unasked && unasked.checked) || (money.value && fen(money.value) !== fen(money.getAttribute('data-last')))) return;
      input.checked = true; money.value = money.getAttribute('data-last'); compare(box);
    });
    total();
  }
  /* what is shown only while an option is chosen */
  function reveal() {
    all('[data-shows]').forEach(function (input) {
      var part = document.getElementById(input.getAttribute('data-shows'));
      if (part) part.hidden = !input.checked;
    });
  }

  /* sent without a network, the page would be lost for the browser's own: it stays, and says so at the button */
  var UNSAVED = '现在没有网，刚填的还没存上。先别关、别离开这一页，有网了自动存。';
  function offline(sent, pressed, words) {
    var button = pressed || all('button:not([type="button"])', sent).filter(function (seen) { return seen.offsetParent; }).pop();
    if (!button) return;
    var row = up(button, '.phone-buttons,.buttons'), line = one('#offline') || document.createElement('p');
    line.id = 'offline'; line.className = 'tip tip-wrong'; line.setAttribute('role', 'alert');
    line.textContent = words || '现在没有网，没有提交。填的都在，先别关这一页，有网了再点一次。';
    (row || button.parentNode).insertBefore(line, row ? row.firstChild : button);
  }

  function keptAgain() {
    var line = one('#offline');
    if (line && line.textContent === UNSAVED) line.parentNode.removeChild(line);
  }

  document.addEventListener('input', function (event) {
    var box = up(event.target, '.money');
    if (box && event.target.type !== 'checkbox') compare(box);
    total(); reveal();
    if (form && form.contains(event.target)) { changed = true; later(800); }
  });
  document.addEventListener('change', function (event) {
    var same = up(event.target, '.same'), box = same && up(same, '.money'), tick = event.target;
    if (tick.hasAttribute('data-ticks') && tick.checked) tickAll(tick);
    else if (form && tick.type === 'radio' && !tick.matches('[value="yes"]')) {
      all('[data-ticks]', up(tick, '[data-section]')).forEach(function (mark) { mark.checked = false; });
    }
    var chips = up(tick, '.chips');
    if (chips && tick.checked) all('input', chips).forEach(function (other) {  /* none of them, or some */
      if (other !== tick && (tick.hasAttribute('data-none') || other.hasAttribute('data-none'))) other.checked = false;
    });
    if (tick.hasAttribute('data-unasked') && tick.checked) {
      var field = up(tick, '.field');
      one('.box input', field).value = ''; one('.same input', field).checked = false;
      compare(one('.money', field)); total();
    }
    if (box && event.target.checked) {
      var input = one('.box input', box);
      input.value = input.getAttribute('data-last'); compare(box); total();
    }
    reveal();
    if (form && form.contains(event.target)) { changed = true; later(800); }
  });
  document.addEventListener('keydown', function (event) {  /* Enter in a box leaves it, and sends nothing */
    if (event.key === 'Enter' && form && event.target.tagName === 'INPUT' && form.contains(event.target)) {
      event.preventDefault(); event.target.blur();
    }
  });
  document.addEventListener('click', function (event) {
    var link = up(event.target, '[data-goto]'), button = up(event.target, 'button');
    if (link && go(link.getAttribute('href').slice(1), true)) {
      event.preventDefault(); history.replaceState(null, '', link.getAttribute('href'));
    }
    var away = up(event.target, 'a[href]');  /* the browser's own page would take the place of what was typed */
    if (form && away && navigator.onLine === false && away.protocol.indexOf('http') === 0 && !away.hash) {
      event.preventDefault(); offline(form, null, UNSAVED);
    }
    if (!button) return;
    if (button.hasAttribute('data-print')) window.print();
    if (button.hasAttribute('data-text-size')) {
      var large = !root.classList.contains('text-large');
      root.className = large ? 'text-large' : '';
      document.cookie = 'text_size=' + (large ? 'large' : '') + ';path=/;max-age=31536000;samesite=lax';
    }
    if (button.hasAttribute('data-show-password')) {
      var secret = document.getElementById(button.getAttribute('data-show-password'));
      secret.type = secret.type === 'password' ? 'text' : 'password';
      button.textContent = secret.type === 'password' ? '显示' : '隐藏';
    }
  });
  document.addEventListener('submit', function (event) {
    var sent = event.target;
    clearTimeout(timer);
    if (sent.getAttribute('method') !== 'post') return;
    if (sent.getAttribute('data-sent')) { event.preventDefault(); return; }
    if (navigator.onLine === false) { event.preventDefault(); offline(sent, event.submitter); return; }
    sent.setAttribute('data-sent', '1');
  });
  window.addEventListener('pageshow', function () {
    all('form[data-sent]').forEach(function (sent) { sent.removeAttribute('data-sent'); });
  });
  window.addEventListener('online', function () { if (form && (changed || tries)) later(0); });
  window.addEventListener('hashchange', function () { goHash(true); });

  all('button[data-text-size],button[data-print],button[data-show-password]').forEach(function (button) { button.hidden = false; });
  all('.with-script,.without-script').forEach(function (node) { node.hidden = node.matches('.without-script'); });
  if (sections.length && !goHash(false)) {
    var wrong = one('.field-wrong');
    if (!(wrong && go(up(wrong, '[data-section]').id)) && !go(form && form.getAttribute('data-start'))) go(sections[0].id);
  }
  var again = one('meta[name="again"]');
  if (again) setTimeout(function () { location.reload(); }, again.content * 1000);
  all('.money').forEach(compare); total(); reveal(); strips();
  if (one('[data-focus]')) { one('[data-focus]').focus(); if (document.title.indexOf('错误：')) document.title = '错误：' + document.title; }
}());
