-- What codes of the second factor have cost a member, as a time in microseconds (accounts/totp.py).
ALTER TABLE members ADD COLUMN codes_paid BIGINT NOT NULL DEFAULT 0;
