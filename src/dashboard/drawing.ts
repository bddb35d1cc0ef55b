/** All that needs React and Ink: a bundle of its own, which the thread of the bus need not load. */
export { openHere } from './here.js';
export { serveGuest } from './thread/guest.js';
