"""What all public pages share: the layout, the texts in both languages, cookies, form tokens, the reading of forms."""
