"""The till: find or add a member, take a sale, undo it."""
