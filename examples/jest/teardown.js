module.exports = () => globalThis.pinstripe.stop();
