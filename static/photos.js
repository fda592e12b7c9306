/* photos.js: makes photos small before they are sent, for weak signals; without it they are sent as they are,
   and the server does the same. ES5, for old web views. */
(function () {
  'use strict';
  var LONGEST = 1600, SMALL_ENOUGH = 400 * 1024, QUALITY = 0.8;
  /* A browser that does not turn photos upright by itself would lose which way is up. */
  var upright = window.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image');
  if (!upright || !window.DataTransfer || !window.FileReader || !HTMLCanvasElement.prototype.toBlob) return;

  function shrink(file, done) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= SMALL_ENOUGH) { done(file); return; }
    var reader = new FileReader(), image = new Image();
    function keep() { done(file); }
    reader.onerror = image.onerror = keep;
    reader.onload = function () { image.src = reader.result; };
    image.onload = function () {
      var part = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
      var canvas = document.createElement('canvas'), paper = canvas.getContext('2d');
      canvas.width = Math.max(1, Math.round(image.naturalWidth * part));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * part));
      if (!paper) { keep(); return; }
      paper.fillStyle = '#fff';
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) {
        if (!blob || blob.size >= file.size) { keep(); return; }
        try { done(new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' })); }
        catch (old) { keep(); }
      }, 'image/jpeg', QUALITY);
    };
    reader.readAsDataURL(file);
  }

  function tell(input, files) {
    var bytes = 0, note = input.parentNode.querySelector('[data-chosen]');
    if (!note) {
      note = document.createElement('p');
      note.className = 'hint';
      note.setAttribute('data-chosen', '');
      note.setAttribute('role', 'status');
      input.parentNode.insertBefore(note, input.nextSibling);
    }
    files.forEach(function (file) { bytes += file.size; });
    note.textContent = files.length ? '选了 ' + files.length + ' 个文件，共 ' +
      (bytes < 1048576 ? Math.ceil(bytes / 1024) + ' KB' : (bytes / 1048576).toFixed(1) + ' MB') : '';
  }

  document.addEventListener('change', function (event) {
    var input = event.target, chosen, small = [], left, turn;
    if (!input.hasAttribute || !input.hasAttribute('data-photos')) return;
    chosen = [].slice.call(input.files);
    left = chosen.length;
    turn = input.turn = (input.turn || 0) + 1;
    tell(input, chosen);
    chosen.forEach(function (file, place) {
      shrink(file, function (result) {
        small[place] = result;
        left -= 1;
        if (left || turn !== input.turn) return;  /* chosen anew meanwhile */
        var basket = new DataTransfer();
        small.forEach(function (one) { basket.items.add(one); });
        input.files = basket.files;
        tell(input, small);
      });
    });
  });
}());
