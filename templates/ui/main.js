document.body.textContent = "Pinstripe";
