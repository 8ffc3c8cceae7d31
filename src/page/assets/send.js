/* SPDX-License-Identifier: MIT */
/* The way back to an application: the form goes by itself; its button is for who has no script. */
document.getElementById("send").submit();
