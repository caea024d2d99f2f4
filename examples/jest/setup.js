// One server for the whole run, whose workers find it by PINSTRIPE_URL.
const { start } = require('pinstripe-server');

module.exports = async () => {
  globalThis.pinstripe = await start();
  process.env.PINSTRIPE_URL = globalThis.pinstripe.url;
};
