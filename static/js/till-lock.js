// Signing out leads to the sign-in page: there the members that the till keeps are deleted together with their key.
"use strict";
if (window.indexedDB) indexedDB.deleteDatabase("tuza-till-members");
