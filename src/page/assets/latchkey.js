/* SPDX-License-Identifier: MIT */
/* Only makes things easier: every page works without it. */
(function (page) {
	"use strict";
	function each(selector, run) {
		page.querySelectorAll(selector).forEach(run);
	}
	each("[data-show]", function (button) {
		var field = page.getElementById(button.dataset.show);
		var state = page.getElementById(button.dataset.show + "-state");
		var words = button.dataset.words.split("|");
		function show(is) {
			field.type = is ? "text" : "password";
			button.firstChild.textContent = words[is ? 1 : 0];
		}
		button.hidden = false;
		button.addEventListener("click", function () {
			var is = field.type === "password";
			show(is);
			state.textContent = words[is ? 2 : 3];
		});
		field.form.addEventListener("submit", function () { show(false); });
	});
	each("form", function (form) {
		var sent = 0;
		form.addEventListener("submit", function (event) {
			if (Date.now() - sent < 3000) event.preventDefault();
			else sent = Date.now();
		});
	});
	if (navigator.clipboard) each("[data-copy]", function (button) {
		button.hidden = false;
		button.addEventListener("click", function () {
			navigator.clipboard.writeText(page.getElementById(button.dataset.copy).innerText).then(function () {
				button.textContent = button.dataset.done;
			});
		});
	});
	each("[data-print]", function (button) {
		button.hidden = false;
		button.addEventListener("click", function () { window.print(); });
	});
	window.addEventListener("pageshow", function (event) {
		if (event.persisted) each("input[type=password]", function (field) { field.value = ""; });
	});
})(document);
