-- What codes of the second factor have cost a member, as a time in microseconds (accounts/totp.py).
ALTER TABLE members ADD COLUMN codes_paid INTEGER NOT NULL DEFAULT 0;
