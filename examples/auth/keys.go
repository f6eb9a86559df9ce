package auth

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
)

// A Sealed message: the session's key, for the receiver's public key only, and what was encrypted with
// it. Public keys do not encrypt the data itself: they are slow, and weak with short data and patterns.
type Sealed struct{ Key, Nonce, Data []byte }

// Seal encrypts data for whoever has the private key.
func Seal(to *rsa.PublicKey, data []byte) (*Sealed, error) {
	session := make([]byte, 32)
	s := &Sealed{Nonce: make([]byte, 12)}
	rand.Read(session)
	rand.Read(s.Nonce)
	aead, err := gcm(session)
	if err != nil {
		return nil, err
	}
	s.Data = aead.Seal(nil, s.Nonce, data, nil)
	s.Key, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, to, session, nil)
	return s, err
}

// Open decrypts what Seal made.
func Open(k *rsa.PrivateKey, s *Sealed) ([]byte, error) {
	session, err := rsa.DecryptOAEP(sha256.New(), nil, k, s.Key, nil)
	if err != nil {
		return nil, err
	}
	aead, err := gcm(session)
	if err != nil || len(s.Nonce) != aead.NonceSize() {
		return nil, errors.New("this is no sealed message")
	}
	return aead.Open(nil, s.Nonce, s.Data, nil)
}

func gcm(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// Sign signs a checksum of the data: with it, nobody can change the data or claim to be the signer.
func Sign(k *rsa.PrivateKey, data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	return rsa.SignPSS(rand.Reader, k, crypto.SHA256, sum[:], nil)
}

// Verify says whether the signature is the key's owner's, of this data.
func Verify(k *rsa.PublicKey, data, signature []byte) bool {
	sum := sha256.Sum256(data)
	return rsa.VerifyPSS(k, crypto.SHA256, sum[:], signature, nil) == nil
}

// Identify asks somebody to sign a text that was never used before, and says whether it is the owner
// of the key.
func Identify(k *rsa.PublicKey, ask func(challenge []byte) []byte) bool {
	challenge := make([]byte, 32)
	rand.Read(challenge)
	return Verify(k, challenge, ask(challenge))
}
