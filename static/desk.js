/* desk.js: comforts for office pages; every page works without it. */
(function () {
  'use strict';
  var root = document.documentElement;
  function all(selector, within) { return [].slice.call((within || document).querySelectorAll(selector)); }
  function one(selector, within) { return (within || document).querySelector(selector); }

  /* keys: off while typing, while a Chinese input method is composing, and with Ctrl, Alt or Cmd */
  document.addEventListener('keydown', function (event) {
    var target = event.target, key = (event.key || '').toLowerCase(), goal = null;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^(input|textarea|select)$/i.test(target.tagName) && !/^(checkbox|radio)$/.test(target.type)) return;
    if (key === '/') goal = one('#global-search');
    if (key === 'j' || key === 'k') { goal = one(key === 'j' ? 'a[data-next]' : 'a[data-previous]'); if (goal) goal.click(); return; }
    if (key === 'x') { goal = one('tr.current input.tick'); if (goal) goal.click(); return; }
    if (key === '?' || key === '？' || key === 'escape') { goal = one('#keys'); if (goal) goal.hidden = key === 'escape' || !goal.hidden; return; }
    if (key === 'a' || key === 'r') goal = one('[data-key="' + key + '"]');
    if (goal) { event.preventDefault(); goal.focus(); }
  });

  /* ticked rows: the button says how many */
  function count(list) {
    var ticks = all('tbody input.tick', list), chosen = ticks.filter(function (tick) { return tick.checked; }).length;
    all('[data-selected]', list).forEach(function (node) { node.textContent = chosen; });
    all('button[data-verb]', list).forEach(function (button) {
      button.textContent = button.getAttribute('data-verb').replace('#', chosen);
      button.disabled = !chosen;
    });
    var every = one('input[data-select-all]', list);
    if (every) { every.checked = chosen > 0 && chosen === ticks.length; every.indeterminate = chosen > 0 && chosen < ticks.length; }
  }
  document.addEventListener('change', function (event) {
    var list = event.target.closest('[data-rows]');
    if (event.target.hasAttribute('data-shows')) reveal();
    if (!list) return;
    if (event.target.hasAttribute('data-select-all')) {
      all('tbody input.tick', list).forEach(function (tick) { tick.checked = event.target.checked; });
    }
    count(list);
  });
  function reveal() {
    all('[data-shows]').forEach(function (input) {
      var part = document.getElementById(input.getAttribute('data-shows'));
      if (part) part.hidden = !input.checked;
    });
  }

  document.addEventListener('click', function (event) {
    var button = event.target.closest('button');
    all('details.menu[open]').forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
    if (!button) return;
    if (button.hasAttribute('data-print')) window.print();
    if (button.hasAttribute('data-text-size')) {
      var next = { '': 'large', 'text-large': 'huge', 'text-huge': '' }[root.className] || '';
      root.className = next ? 'text-' + next : '';
      document.cookie = 'text_size=' + next + ';path=/;max-age=31536000;samesite=lax';
    }
    if (button.hasAttribute('data-copy')) {
      var chosen = window.getSelection(), range = document.createRange();
      range.selectNodeContents(one('[data-value]', button.closest('tr')));
      chosen.removeAllRanges();
      chosen.addRange(range);
      button.textContent = document.execCommand('copy') ? '已复制' : '请按 Ctrl+C';
    }
    if (button.hasAttribute('data-show-password')) {
      var secret = document.getElementById(button.getAttribute('data-show-password'));
      secret.type = secret.type === 'password' ? 'text' : 'password';
      button.textContent = secret.type === 'password' ? '显示' : '隐藏';
    }
  });

  /* a form that changes something is sent once, however often the button is pressed */
  document.addEventListener('submit', function (event) {
    var sent = event.target;
    if (sent.getAttribute('method') !== 'post' || sent.hasAttribute('hx-post')) return;
    if (sent.getAttribute('data-sent')) { event.preventDefault(); return; }
    sent.setAttribute('data-sent', '1');
    setTimeout(function () { sent.removeAttribute('data-sent'); }, 8000);
  });
  window.addEventListener('pageshow', function () {
    all('form[data-sent]').forEach(function (sent) { sent.removeAttribute('data-sent'); });
  });

  /* the row whose evidence is shown at the right */
  document.addEventListener('htmx:beforeRequest', function (event) {
    var row = event.target.closest('[data-rows] tr');
    if (!row) return;
    all('tr.current', row.parentNode).forEach(function (other) { other.classList.remove('current'); });
    row.classList.add('current');
  });

  /* a fragment that could not be fetched must not look like a success */
  document.addEventListener('htmx:sendError', function () {
    var main = one('#main'), line = one('#network-trouble') || document.createElement('p');
    line.id = 'network-trouble'; line.className = 'message error'; line.setAttribute('role', 'alert');
    line.textContent = '网络不通，没有提交，请再试。';
    main.insertBefore(line, main.firstChild);
  });

  all('button[data-text-size],button[data-print],button[data-show-password],button[data-copy]').forEach(function (button) { button.hidden = false; });
  all('[data-rows]').forEach(count);
  reveal();
  if (one('[data-focus]')) { one('[data-focus]').focus(); if (document.title.indexOf('错误：')) document.title = '错误：' + document.title; }
}());
