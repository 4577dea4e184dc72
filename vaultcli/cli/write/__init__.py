"""Commands that write drafts: new, edit, save, import, template."""
